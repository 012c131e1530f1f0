"""Before anything else in a test run: the mode, and the servers the tests talk to.

The settings' name is given here and not in pyproject.toml: pytest-django would read them before this
file has chosen the mode.
"""

import os

os.environ["KAM_MODE"] = "test"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kam.settings")

import django
import pytest

django.setup()  # the tests' own conftest.py imports models


def pytest_configure(config: pytest.Config) -> None:
    if config.option.collectonly or config.option.help:
        return
    from kam import embedded, translating

    translating.compile_stale()
    try:
        embedded.ensure()
    except embedded.CannotStart as refusal:
        pytest.exit(str(refusal), returncode=3)


@pytest.fixture(scope="session", autouse=True)
def _files_of_tests_stay_out_of_the_data_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    from django.conf import settings

    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
