"""Everybody installs the same packages from the public index, wherever the lock was made."""

import re
import tomllib
from itertools import chain
from pathlib import Path

from django.conf import settings

BASE_DIR = Path(settings.BASE_DIR)


def test_the_lock_names_one_public_index_and_nothing_of_the_machine_it_was_made_on():
    text = (BASE_DIR / "uv.lock").read_text()
    assert "file:" not in text
    hosts = set(re.findall(r"https?://([^/\"]+)", text))
    # A mirror of a company or a machine has a port, an address, or a name without a public ending.
    assert all(re.fullmatch(r"[a-z]+(\.[a-z]+)+", host) for host in hosts)
    assert not [host for host in hosts if host.endswith((".local", ".internal", ".lan", ".corp"))]
    sources = {tuple(p["source"].items()) for p in tomllib.loads(text)["package"]}
    assert len([kind for ((kind, _where),) in sources if kind == "registry"]) == 1
    assert {kind for ((kind, _where),) in sources} == {"registry", "virtual"}


def test_every_direct_dependency_is_in_the_lock():
    wanted = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())
    locked = {p["name"] for p in tomllib.loads((BASE_DIR / "uv.lock").read_text())["package"]}
    groups = wanted["dependency-groups"].values()
    for line in chain(wanted["project"]["dependencies"], *groups):
        name = re.match(r"[A-Za-z0-9._-]+", line)[0].lower().replace("_", "-")
        assert name in locked
