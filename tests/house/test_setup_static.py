"""Static files can be collected as they are served: each address in CSS leads somewhere."""

import json
import os
import re
import runpy
from pathlib import Path
from unittest import mock

import pytest
from django.conf import settings
from django.core.management import call_command

BASE_DIR = Path(settings.BASE_DIR)


@pytest.mark.slow
def test_static_files_are_whole_and_compressed(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "kam.static.HashedStaticFiles"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    paths = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    assert not [name for name in paths if name.endswith(".map")]
    assert {name for name in paths if name.startswith("css/")}
    for name, stored in paths.items():
        file = tmp_path / stored
        assert file.exists(), name
        if file.suffix in {".css", ".js"} and file.stat().st_size > 2000:
            assert (tmp_path / f"{stored}.gz").exists(), name


def test_the_image_collects_them_without_being_given_a_secret(tmp_path):
    line = re.search(r"RUN export (.+?) \\\n", (BASE_DIR / "Dockerfile").read_text())[1]
    given = dict(pair.split("=", 1) for pair in line.split())
    assert set(given.values()) <= {"unused", "postgres://unused", "redis://unused"}
    environment = {**given, "KAM_MODE": "production", "KAM_HOME": str(tmp_path)}
    with mock.patch.dict(os.environ, environment, clear=True):
        assert runpy.run_path(str(BASE_DIR / "kam" / "settings.py"))["PRODUCTION"]
