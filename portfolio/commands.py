"""What a person can do from the command palette, besides opening what he searched for."""

from dataclasses import dataclass
from itertools import islice

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from accounts.models.user import Role
from dossiers.models import Dossier
from portfolio import folding
from portfolio.search import Found

# A person asks by word: nobody reads a list longer than this.
FEW = 6


@dataclass(frozen=True)
class Command:
    """One line of the palette. `url` leads somewhere; otherwise `act` names what the browser does itself:
    "theme-light", "theme-dark", "theme-auto" or "keys"."""

    label: str | Promise
    icon: str
    url: str = ""
    act: str = ""

    def fits(self, wanted: list[str]) -> bool:
        """Whether each word typed begins a word of the label."""
        own = folding.words(str(self.label))
        return all(any(word.startswith(part) for word in own) for part in wanted)


def _page(label: str | Promise, icon: str, name: str) -> tuple[str | Promise, str, str]:
    return label, icon, name


TODAY = _page(gettext_lazy("Today"), "home", "portfolio:today")
REVISIONS = _page(gettext_lazy("Revisions"), "calendar-check", "dossiers:reviews")
KEY_CLIENTS = _page(gettext_lazy("Key clients"), "key", "dossiers:key_clients")
CLIENTS = _page(gettext_lazy("Clients"), "building", "segmentation:clients")
RUNS = _page(gettext_lazy("Segmentation"), "grid-3x3", "segmentation:runs")
IMPORTS = _page(gettext_lazy("Imports"), "database-import", "segmentation:imports")
CONCENTRATION = _page(gettext_lazy("Concentration"), "chart-line", "portfolio:concentration")
PROFILE = _page(gettext_lazy("Profile and language"), "settings", "accounts:profile")

PAGES: dict[str, tuple] = {
    Role.KAM: (
        TODAY,
        _page(gettext_lazy("My dossiers"), "folders", "dossiers:mine"),
        REVISIONS,
        KEY_CLIENTS,
        PROFILE,
    ),
    Role.HEAD: (
        TODAY,
        _page(gettext_lazy("Portfolio"), "layout-grid", "portfolio:portfolio"),
        CONCENTRATION,
        _page(gettext_lazy("What if they leave"), "question-mark", "portfolio:what_if"),
        _page(gettext_lazy("All dossiers"), "folders", "dossiers:mine"),
        CLIENTS,
        KEY_CLIENTS,
        REVISIONS,
        RUNS,
        IMPORTS,
        PROFILE,
    ),
    Role.ANALYST: (TODAY, IMPORTS, RUNS, CLIENTS, CONCENTRATION, KEY_CLIENTS, PROFILE),
    Role.COLLEAGUE: (TODAY, KEY_CLIENTS, PROFILE),
    Role.ADMIN: (
        TODAY,
        _page(gettext_lazy("People"), "users", "admin:index"),
        KEY_CLIENTS,
        PROFILE,
    ),
}
ACTS = (
    Command(pgettext_lazy("command", "Light theme"), "sun", act="theme-light"),
    Command(pgettext_lazy("command", "Dark theme"), "moon", act="theme-dark"),
    Command(
        pgettext_lazy("command", "Theme as the system has it"), "device-desktop", act="theme-auto"
    ),
    Command(pgettext_lazy("command", "Help on keys"), "help", act="keys"),
)


def commands(query: str, found: Found, *, by: User) -> list[Command]:
    """What fits what was typed; without a word, where the person goes most days."""
    wanted = folding.words(query[: folding.LONGEST_QUERY])
    pages = [Command(label, icon, url=reverse(name)) for label, icon, name in PAGES[by.role]]
    offered = [*_of_own_dossiers(by), *pages, *ACTS]
    if not wanted:
        return offered
    fitting = islice((command for command in offered if command.fits(wanted)), FEW)
    return list(dict.fromkeys([*_of_found_dossiers(found), *fitting]))


def note_on(dossier: int, client: str) -> Command:
    return Command(
        _("Note an interaction with %(client)s") % {"client": client},
        "message",
        url=reverse("dossiers:note", args=[dossier]),
    )


def _of_own_dossiers(by: User) -> list[Command]:
    """A KAM has a handful, deputising included; a head has them all, and asks by name."""
    if by.role != Role.KAM:
        return []
    held = Dossier.objects.visible_to(by).open().order_by("client__name_sort")
    own = list(held.values_list("pk", "client__name")[: 2 * FEW])
    opening = [
        Command(
            _("Open the dossier of %(client)s") % {"client": client},
            "folder",
            url=reverse("dossiers:dossier", args=[dossier]),
        )
        for dossier, client in own
    ]
    return [*opening, *(note_on(dossier, client) for dossier, client in own)]


def _of_found_dossiers(found: Found) -> list[Command]:
    return [
        note_on(hit.open_dossier, hit.name)
        for shelf in found.shelves
        if shelf.group.key == "clients"
        for hit in shelf.hits[:3]
        if hit.open_dossier
    ]
