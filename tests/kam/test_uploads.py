"""Nobody fills the disk who has no file of sales to bring in."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from accounts import tokens
from kam import uploads


@pytest.fixture
def large(monkeypatch):
    """A file over the usual limit; that one is made small, so that the test stays quick."""
    monkeypatch.setattr(uploads, "USUAL_LIMIT", 10_000_000)
    return lambda: SimpleUploadedFile("sales.csv", b"Invoice,Customer\n" + b"x" * 10_000_000)


def test_a_stranger_and_a_colleague_cannot_send_a_large_body(db, large, anonymous, as_kam):
    for browser, address in ((anonymous, "/account/login/"), (as_kam, "/profile/")):
        answer = browser.post(address, {"file": large()})
        assert answer.status_code == 413
        assert "too large" in answer.text
    assert Browser().post("/api/imports/", {"file": large()}).status_code == 413


def test_an_analyst_sends_large_files_by_page_and_by_token(db, large, analyst, as_analyst, admin):
    assert as_analyst.post("/sales/imports/", {"file": large()}).status_code == 422
    _token, secret = tokens.make(analyst, name="Ledger", by=admin, now=timezone.now())
    program = Browser(headers={"Authorization": f"Bearer {secret}"})
    assert program.post("/api/imports/", {"file": large()}).status_code == 400


def test_an_analyst_too_has_a_limit(db, settings, large, as_analyst):
    settings.KAM_SALES_FILE_LIMIT = 1_000_000
    assert as_analyst.post("/sales/imports/", {"file": large()}).status_code == 413


def test_what_is_no_length_is_refused_by_nobody_but_means_nothing(db, anonymous):
    assert anonymous.get("/account/login/", CONTENT_LENGTH="").status_code == 200
