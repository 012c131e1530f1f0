"""Every page of the URL table: for who cannot see it well, in light and in dark, and on a telephone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error

from tests.house.addresses import ROLES, ROWS, every_address, expected

# The world in which every address exists; a fixture of the policy tests.
from tests.house.conftest import world  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
# Who looks at a page that several may open: whoever sees most of it.
BY_PREFERENCE = ("kam", "head", "analyst", "admin", "colleague", "anonymous")

# Pages that look different to different people.
SEEN_BY_ALL = {
    "dossiers:card",
    "dossiers:mine",
    "dossiers:review",
    "portfolio:today",
    "segmentation:clients",
    "segmentation:imports",
}


def pages_by_role() -> dict[str, list]:
    """{role: addresses that answer this role with a page}; most addresses once."""
    found: dict[str, list] = {role: [] for role in ROLES}
    for address in every_address():
        if address.name not in ROWS or address.name.startswith("(no name)"):
            continue
        answers = expected(address.name, "get")
        roles = [role for role in BY_PREFERENCE if answers[role] in ("200", "ok")]
        for role in roles if address.name in SEEN_BY_ALL else roles[:1]:
            found[role].append(address)
    return found


PAGES = pages_by_role()


@pytest.fixture
def people(head, kam, analyst, colleague, admin):
    return {
        "anonymous": None,
        "colleague": colleague,
        "analyst": analyst,
        "admin": admin,
        "kam": kam,
        "head": head,
    }


def opened(window, path: str) -> bool:
    """Go there; whether it is a page, and not a file or an answer for programs."""
    said = len(window.mistakes)
    try:
        answer = window.goto(path)
    except Error as error:
        # What is handed out as a file opens no page.
        if "Download is starting" not in error.message:
            raise
        return False
    is_page = answer.headers.get("content-type", "").startswith("text/html")
    if not is_page:
        # To show a file the browser makes a page of its own, whose styles our policy for files refuses.
        window.goto("about:blank")
        del window.mistakes[said:]
    return is_page


@pytest.mark.parametrize("role", [role for role in BY_PREFERENCE if PAGES[role]])
@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ru", "dark"), ("pl", "")])
def test_no_page_shuts_anybody_out(role, language, scheme, world, people, window_of):  # noqa: F811
    """Colours do not depend on the language, widths do: each look once, each language on the telephone."""
    if people[role]:
        people[role].language = language
        people[role].save()
    window = window_of(people[role], dark=scheme == "dark")
    wrong = []
    for path in (address.path(world) for address in PAGES[role]):
        if not opened(window, path):
            continue
        if scheme:
            wrong += [f"{path} ({scheme}): {fault}" for fault in _faults(window)]
        window.set_viewport_size({"width": 390, "height": 844})
        width = window.evaluate("document.documentElement.scrollWidth")
        if width > 390:
            wrong.append(f"{path}: {width} px wide on a telephone of 390 in {language}")
        window.set_viewport_size({"width": 1440, "height": 900})
    assert not wrong, "\n".join(wrong)


def _faults(window) -> list[str]:
    said = len(window.mistakes)
    found = Axe().run(window, options=RULES).response["violations"]
    # Looking at the style sheets, axe itself does what our policy refuses, and the browser says so.
    del window.mistakes[said:]
    return [
        f"{one['id']}: {one['help']}: "
        + "; ".join(", ".join(map(str, node["target"])) for node in one["nodes"][:3])
        for one in found
    ]
