"""Every address × every role: the answer is the one that stands in url_table.toml."""

import re

from django.db import transaction

from tests.house.addresses import ROLES, ROWS, TABLE, Address, every_address, expected
from tests.house.conftest import Browsers

ADDRESSES = {address.name: address for address in every_address()}
# Written out here a second time, so that loosening it is two deliberate acts.
POLICY = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "font-src": {"'self'"},
    "connect-src": {"'self'"},
    "manifest-src": {"'self'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'none'"},
    "base-uri": {"'none'"},
}
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|<[^>]+\sstyle\s*=|<[^>]+\son[a-z]+\s*=|javascript:",
    re.IGNORECASE,
)
OUTSIDE = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)=[\"']?(?:https?:)?//")


def test_every_address_has_a_row():
    missing = [
        f'["{address.name}"]   # {address.route}'
        for name, address in ADDRESSES.items()
        if name not in ROWS
    ]
    assert not missing, (
        f"Say in tests/house/{TABLE.name} what each role is answered at these addresses (its head tells how), "
        "and add to `world` in tests/house/conftest.py what their parameters need:\n"
        + "\n".join(missing)
    )


def test_every_row_has_an_address():
    gone = sorted(set(ROWS) - set(ADDRESSES))
    assert not gone, f"These rows of tests/house/{TABLE.name} speak of no address: {gone}"


def test_every_row_says_only_what_is_known():
    for name, row in ROWS.items():
        assert set(row) <= {"get", "post", "args", "open", "why"}, name
        assert "get" in row, name


def kind_of(answer) -> set[str]:
    """All the words of the table that this answer would satisfy."""
    status = answer.status_code
    words = {str(status)}
    if answer.headers.get("Location", "").startswith("/account/login/"):
        words.add("in")
    elif status in (301, 302, 303):
        words.add("go")
    if status < 500 and status not in (401, 403, 404, 405) and "in" not in words:
        words.add("ok")
    return words


def test_each_role_is_answered_what_the_table_says(world, browsers):
    wrong = []
    for name, address in ADDRESSES.items():
        if name in ROWS:
            wrong += _answered(address, _path(address, world), browsers)
    assert not wrong, "\n".join(wrong)


def _answered(address: Address, path: str, browsers: Browsers) -> list[str]:
    """What is answered otherwise than the table says."""
    wrong = []
    for method in ("get", "post"):
        for role, wanted in expected(address.name, method).items():
            # Whatever the request changed is undone before the next person asks.
            with transaction.atomic():
                answer = getattr(browsers[role], method)(path)
                transaction.set_rollback(True)
            if wanted not in kind_of(answer):
                where = answer.headers.get("Location", "")
                wrong.append(
                    f"{method} {path} as {role}: {answer.status_code} {where}, not {wanted}"
                )
            wrong += [f"{method} {path} as {role}: {fault}" for fault in _faults(answer)]
            if "sessionid" in answer.cookies:
                browsers.sign_in(role)  # signing out ends the session for good, not only here
    return wrong


def _path(address: Address, world: dict) -> str:
    if address.name.startswith("(no name)"):
        filled = re.sub(
            r"<(?:\w+:)?(\w+)>", lambda found: _value(address, found[1], world), address.route
        )
        return f"/{filled}"
    return address.path(world)


def _value(address: Address, parameter: str, world: dict) -> str:
    wanted = ROWS[address.name].get("args", {}).get(parameter, parameter)
    return str(world.get(wanted, wanted))


def _faults(answer) -> list[str]:
    """What no page may be: without our policy, or with something in it that the policy refuses."""
    if not answer.headers.get("Content-Type", "").startswith("text/html") or answer.streaming:
        return []
    page = answer.content.decode()
    if not page:
        return []
    faults = []
    header = answer.headers.get("Content-Security-Policy", "")
    policy = {words[0]: set(words[1:]) for part in header.split(";") if (words := part.split())}
    if policy != POLICY:
        faults.append(f"policy is {header!r}")
    faults += [f"inline: {found[:80]}" for found in INLINE.findall(page)]
    faults += [f"from outside: {found[:80]}" for found in OUTSIDE.findall(page)]
    return faults


def test_a_part_asked_for_after_the_session_ended_leads_the_whole_page_to_the_sign_in(
    world, browsers
):
    here = {"HX-Request": "true", "HX-Current-URL": "http://testserver/profile/?tab=1"}
    answer = browsers["anonymous"].get("/profile/", headers=here)
    assert answer.headers["HX-Redirect"].startswith("/account/login/?next=/profile/")


def test_the_roles_of_the_table_are_the_roles_of_the_house():
    from accounts.models.user import Role

    assert {role.removeprefix("other_") for role in ROLES} == {*Role.values, "anonymous"}
