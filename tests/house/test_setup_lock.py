"""Everybody installs the same packages from the public index, wherever the lock was made."""

import re
import tomllib
from itertools import chain
from pathlib import Path

from django.conf import settings

BASE_DIR = Path(settings.BASE_DIR)


def test_the_lock_names_no_other_source_than_the_public_index():
    text = (BASE_DIR / "uv.lock").read_text()
    hosts = set(re.findall(r"https?://([^/\"]+)", text))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}
    assert "file://" not in text
    for package in tomllib.loads(text)["package"]:
        source = package["source"]
        assert source in ({"registry": "https://pypi.org/simple"}, {"virtual": "."}), package


def test_every_direct_dependency_is_in_the_lock():
    wanted = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())
    locked = {p["name"] for p in tomllib.loads((BASE_DIR / "uv.lock").read_text())["package"]}
    groups = wanted["dependency-groups"].values()
    for line in chain(wanted["project"]["dependencies"], *groups):
        name = re.match(r"[A-Za-z0-9._-]+", line)[0].lower().replace("_", "-")
        assert name in locked
