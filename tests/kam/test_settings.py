"""An administrator who sets something wrong is told what it is and what to write instead."""

import os
import runpy
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(settings.BASE_DIR)

PRODUCTION = {
    "KAM_MODE": "production",
    "SECRET_KEY": "not-a-secret-but-as-long-and-as-varied-as-a-real-one-0123456789",
    "ALLOWED_HOSTS": "kam.example.com",
    "DATABASE_URL": "postgres://kam:secret@database:5432/kam",
    "REDIS_URL": "redis://valkey:6379",
}


def settings_with(**environment: str) -> dict:
    """What the settings come to in an environment that holds nothing else of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with mock.patch.dict(os.environ, {**kept, **environment}, clear=True):
        return runpy.run_path(str(BASE_DIR / "kam" / "settings.py"))


def refusal(**environment: str) -> str:
    with pytest.raises(ImproperlyConfigured) as refused:
        settings_with(**environment)
    return str(refused.value)


@pytest.mark.parametrize(
    ("wrong", "named", "remedy"),
    [
        ({"KAM_MODE": "prod"}, "KAM_MODE", "Use one of: local, production, test."),
        ({"DEBUG": "maybe"}, "DEBUG", "Use true or false."),
        ({"PORT": "eight"}, "PORT", "A number such as 8000."),
        ({"TIME_ZONE": "Europe/Warszawa"}, "TIME_ZONE", "Europe/Warsaw"),
        ({"LANGUAGE_CODE": "de"}, "LANGUAGE_CODE", "Use one of: en, ru, pl."),
        ({"KAM_CURRENCY": "euro"}, "KAM_CURRENCY", "three letters"),
        ({"KAM_DISCOUNT_RATE": "ten"}, "KAM_DISCOUNT_RATE", "such as 7.5"),
        ({"KAM_DISCOUNT_RATE": "NaN"}, "KAM_DISCOUNT_RATE", "such as 7.5"),
        ({"KAM_DISCOUNT_RATE": "0"}, "KAM_DISCOUNT_RATE", "such as 7.5"),
        ({"DATABASE_URL": "sqlite:///db.sqlite3"}, "DATABASE_URL", "postgres://"),
        ({"DATABASE_URL": "localhost"}, "DATABASE_URL", "postgres://"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL", "redis://localhost:6379"),
        ({"EMAIL_URL": "mail.example.com"}, "EMAIL_URL", "smtp+tls://"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL", "DEBUG, INFO"),
        ({"CSRF_TRUSTED_ORIGINS": "kam.example.com"}, "CSRF_TRUSTED_ORIGINS", "https://"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_name_and_a_remedy(wrong, named, remedy, tmp_path):
    said = refusal(KAM_HOME=str(tmp_path), **wrong)
    assert named in said
    assert remedy in said


@pytest.mark.parametrize(
    ("missing", "remedy"),
    [
        ("SECRET_KEY", "secrets.token_urlsafe"),
        ("ALLOWED_HOSTS", "ALLOWED_HOSTS=kam.example.com"),
        ("DATABASE_URL", "postgres://"),
        ("REDIS_URL", "redis://"),
    ],
)
def test_production_does_not_start_without_what_it_needs(missing, remedy, tmp_path):
    given = {name: value for name, value in PRODUCTION.items() if name != missing}
    said = refusal(KAM_HOME=str(tmp_path), **given)
    assert missing in said
    assert remedy in said


def test_production_does_not_start_with_debug_pages(tmp_path):
    assert "DEBUG" in refusal(KAM_HOME=str(tmp_path), DEBUG="true", **PRODUCTION)


def test_production_passes_djangos_own_deployment_check(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env={"PATH": os.environ["PATH"], "KAM_HOME": str(tmp_path), **PRODUCTION},
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_the_trial_makes_its_secret_once_and_keeps_it_to_itself(tmp_path):
    first = settings_with(KAM_HOME=str(tmp_path))["SECRET_KEY"]
    second = settings_with(KAM_HOME=str(tmp_path))["SECRET_KEY"]
    assert first == second
    assert len(first) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_only_the_web_role_keeps_a_pool_of_connections(tmp_path):
    def options(role: str) -> dict:
        found = settings_with(KAM_HOME=str(tmp_path), KAM_ROLE=role)
        return found["DATABASES"]["default"]["OPTIONS"]

    assert options("web")["pool"] == {"min_size": 1, "max_size": 8, "timeout": 10}
    assert "pool" not in options("worker")


def test_given_addresses_are_used_instead_of_own_servers(tmp_path):
    found = settings_with(
        KAM_HOME=str(tmp_path),
        DATABASE_URL="postgres://kam:secret@db.example.com:5433/dossiers",
        REDIS_URL="redis://cache.example.com:6380/0",
    )
    database = found["DATABASES"]["default"]
    assert (database["HOST"], database["PORT"], database["NAME"]) == (
        "db.example.com",
        5433,
        "dossiers",
    )
    assert found["CELERY_BROKER_URL"] == "redis://cache.example.com:6380/0"
    assert found["CACHES"]["default"]["LOCATION"] == "redis://cache.example.com:6380/1"


def test_no_page_may_run_or_style_itself_inline():
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert directives["default-src"] == ["'none'"]
    allowed = {source for sources in directives.values() for source in sources}
    assert allowed == {"'none'", "'self'", "data:"}
    assert "data:" not in directives["script-src"] + directives["style-src"]
