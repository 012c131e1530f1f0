"""Programs speak to the API with a token, in one person's name."""

import datetime

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.utils import timezone

from accounts import tokens
from accounts.models import ApiToken


def asking(secret: str, scheme: str = "Bearer"):
    return Browser().get("/api/me/", headers={"Authorization": f"{scheme} {secret}"})


def test_a_program_acts_in_its_persons_name(kam, with_token):
    said = with_token(kam).get("/api/me/").json()
    assert said["email"] == kam.email
    assert said["role"] == "kam"
    assert "open_dossiers" in said["may"]
    assert "assign" not in said["may"]


def test_a_stranger_is_challenged_and_gets_no_page(db):
    answer = Browser().get("/api/me/")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/json"


def test_the_token_itself_is_not_kept(kam):
    token, secret = tokens.make(kam, name="Warehouse", by=None, now=timezone.now())
    row = ApiToken.objects.filter(pk=token.pk).values().get()
    assert secret not in str(row)
    assert len(row["digest"]) == 64
    assert asking(secret).status_code == 200


def test_an_expired_token_opens_nothing(kam):
    long_ago = timezone.now() - datetime.timedelta(days=91)
    _token, secret = tokens.make(kam, name="Warehouse", by=None, now=long_ago, days=90)
    answer = asking(secret)
    assert answer.status_code == 401
    assert "expired" in answer.json()["detail"]


def test_a_revoked_token_opens_nothing_from_then_on(kam, admin):
    token, secret = tokens.make(kam, name="Warehouse", by=admin, now=timezone.now())
    assert asking(secret).status_code == 200
    assert tokens.revoke(token, by=admin, now=timezone.now())
    assert asking(secret).status_code == 401
    assert not tokens.revoke(token, by=admin, now=timezone.now())


def test_a_token_dies_with_its_persons_sign_in(colleague):
    _token, secret = tokens.make(colleague, name="Warehouse", by=None, now=timezone.now())
    colleague.is_active = False
    colleague.save()
    assert asking(secret).status_code == 401


@pytest.mark.parametrize("secret", ["", "kam_", "kam_wrong", "no prefix", "kam_x y", "kam_clé"])
def test_what_is_no_token_is_refused_without_an_error(db, secret):
    assert asking(secret).status_code == 401


def test_a_token_in_the_address_is_not_read(kam):
    _token, secret = tokens.make(kam, name="Warehouse", by=None, now=timezone.now())
    for name in ("token", "access_token", "api_key", "Authorization"):
        assert Browser().get("/api/me/", {name: secret}).status_code == 401


def test_a_token_does_not_open_pages(kam, dossier, with_token):
    answer = with_token(kam).get("/admin/")
    assert answer.status_code == 302


def test_use_is_noted_once_an_hour(kam):
    token, secret = tokens.make(kam, name="Warehouse", by=None, now=timezone.now())
    now = timezone.now()
    tokens.recognise(secret, now=now)
    tokens.recognise(secret, now=now + datetime.timedelta(minutes=59))
    token.refresh_from_db()
    assert token.last_used_at == now
    tokens.recognise(secret, now=now + datetime.timedelta(minutes=61))
    token.refresh_from_db()
    assert token.last_used_at == now + datetime.timedelta(minutes=61)
    assert token.events.count() == 1  # being used is no change


def test_a_token_is_made_from_the_command_line_and_printed_once(kam, capsys):
    call_command("api_token", kam.email.upper(), "--name", "Warehouse", "--days", "30")
    printed = capsys.readouterr()
    secret = printed.out.strip()
    assert asking(secret).json()["email"] == kam.email
    assert secret not in printed.err
    token = ApiToken.objects.get()
    assert token.created_by is None
    assert (token.expires_at - token.created_at).days == 30


def test_a_token_is_not_made_for_nobody_or_for_ever(kam):
    with pytest.raises(CommandError, match="Nobody signs in as"):
        call_command("api_token", "nobody@example.com", "--name", "Warehouse")
    with pytest.raises(CommandError, match="1 to 366 days"):
        call_command("api_token", kam.email, "--name", "Warehouse", "--days", "9999")
    with pytest.raises(CommandError, match="which program"):
        call_command("api_token", kam.email, "--name", " ")
    kam.is_active = False
    kam.save()
    with pytest.raises(CommandError, match="may not sign in"):
        call_command("api_token", kam.email, "--name", "Warehouse")
    assert not ApiToken.objects.exists()
