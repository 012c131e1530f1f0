"""The description of production holds together, though no container runs here."""

import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings

BASE_DIR = Path(settings.BASE_DIR)

OURS = {"migrate", "web", "worker", "beat"}


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())


def test_every_part_of_production_is_there(compose):
    assert set(compose["services"]) == OURS | {"database", "valkey"}
    assert compose["services"]["database"]["image"] == "postgres:18"
    assert compose["services"]["valkey"]["image"].startswith("valkey/valkey:")


def test_every_part_that_stays_up_has_a_health_check_and_comes_back(compose):
    for name, service in compose["services"].items():
        if name == "migrate":
            continue
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name


def test_nothing_starts_before_what_it_needs(compose):
    for name in OURS - {"migrate"}:
        needs = compose["services"][name]["depends_on"]
        assert needs["database"]["condition"] == "service_healthy"
        assert needs["valkey"]["condition"] == "service_healthy"
        assert needs["migrate"]["condition"] == "service_completed_successfully"
    assert compose["services"]["migrate"]["restart"] == "no"


def test_what_must_last_lies_in_named_volumes(compose):
    used = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service["volumes"]
    }
    assert used == set(compose["volumes"])


def test_no_secret_is_written_down_and_none_has_a_default(compose):
    for name in OURS:
        given = compose["services"][name]["environment"]
        assert given["KAM_MODE"] == "production"
        for secret in ("SECRET_KEY", "EMAIL_URL"):
            assert given[secret].startswith(f"${{{secret}:?")
        assert "${DATABASE_PASSWORD:?" in given["DATABASE_URL"]


def test_the_settings_know_every_variable_that_is_given(compose):
    source = (BASE_DIR / "kam" / "settings.py").read_text()
    others = {"GRANIAN_WORKERS", "REMAP_SIGTERM"}
    for name in OURS:
        for variable in set(compose["services"][name]["environment"]) - others:
            assert f'"{variable}"' in source, f"{variable} of {name} is read by nobody"
        role = compose["services"][name]["environment"].get("KAM_ROLE", "command")
        assert role == ("command" if name == "migrate" else name)


def instructions() -> list[tuple[str, str]]:
    text = (BASE_DIR / "Dockerfile").read_text()
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip()]
    return [tuple(line.split(maxsplit=1)) for line in lines]


def test_the_dockerfile_is_made_of_instructions_and_copies_what_exists():
    known = {
        "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "RUN",
        "USER", "VOLUME", "WORKDIR",
    }  # fmt: skip
    assert {name for name, _ in instructions()} <= known
    for name, rest in instructions():
        if name == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (BASE_DIR / source).exists(), source


def test_the_container_does_not_run_as_root():
    last = dict(instructions())
    assert last["USER"] == "kam"
    names = [name for name, _ in instructions()]
    assert (
        names.index("CMD")
        > names.index("USER")
        > max(place for place, name in enumerate(names) if name == "RUN")
    )


def test_what_the_containers_call_is_what_the_product_has(compose):
    commands = " ".join(str(compose["services"][name].get("command", "")) for name in OURS)
    assert "celery -A kam worker" in commands
    assert "celery -A kam beat" in commands
    assert "manage.py migrate" in commands
    last = dict(instructions())
    assert '"kam.wsgi:application"' in last["CMD"]
