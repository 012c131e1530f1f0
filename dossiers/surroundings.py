"""Whom the client sells to, buys from and competes with: three lists beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.templatetags.kam_format import BLANK, number
from dossiers.models import PartyKind
from dossiers.showing import Entry

LABELS: dict[str, tuple[str | Promise, str | Promise]] = {
    PartyKind.CLIENT: (_("Their clients"), _("Add a client of theirs")),
    PartyKind.SUPPLIER: (_("Their suppliers"), _("Add a supplier of theirs")),
    PartyKind.COMPETITOR: (_("Their competitors"), _("Add a competitor of theirs")),
}


@dataclass(slots=True)
class PartyList:
    """`together`: what the shares known come to; "" where fewer than two are known, and where they are shares of
    different things, which more than all of it tells."""

    kind: str
    label: str
    add_label: str
    entries: list[Entry]
    together: str


def lists(entries: Sequence[Entry]) -> list[PartyList]:
    """The largest share first, those of unknown share after them in the order they were added."""
    found = []
    for kind, (label, add_label) in LABELS.items():
        own = [entry for entry in entries if entry.record.kind == kind]
        own.sort(key=lambda entry: (entry.record.share is None, -(entry.record.share or 0)))
        shares = [entry.record.share for entry in own if entry.record.share is not None]
        for entry in own:
            entry.facts["bar"] = (
                f"{entry.record.share:.1f}" if entry.record.share is not None else ""
            )
        total = sum(shares, Decimal(0))
        found.append(
            PartyList(
                kind=str(kind),
                label=str(label),
                add_label=str(add_label),
                entries=own,
                together=f"{number(total)}{BLANK}%" if len(shares) > 1 and total <= 100 else "",
            )
        )
    return found
