"""`manage.py check` tells what is wrong with the installation, and what to do."""

import os

from django.core.checks import run_checks
from django.db import OperationalError, connection

from kam import checks, pango


def test_a_sound_installation_has_nothing_to_say(db):
    assert run_checks(databases=["default"]) == []


def test_a_data_folder_that_cannot_be_written_to(monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    (found,) = checks.home_is_writable()
    assert found.id == "kam.E001"
    assert "KAM_HOME" in found.hint


def test_pango_is_missing_and_the_line_that_installs_it_is_given(monkeypatch):
    monkeypatch.setattr(pango, "missing", lambda: ["pango-1.0"])
    monkeypatch.setattr(pango.shutil, "which", lambda program: program == "dnf")
    (found,) = checks.pango_is_there()
    assert found.id == "kam.W001"
    assert "sudo dnf install -y pango" in found.hint


def test_the_database_does_not_answer(db, monkeypatch):
    def gone():
        raise OperationalError("connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "temporary_connection", gone)
        (found,) = checks.database_is_recent(databases=["default"])
    assert found.id == "kam.E002"
    assert "connection refused" in found.msg


def test_nobody_asks_the_database_unless_told_to():
    assert checks.database_is_recent(databases=None) == []
