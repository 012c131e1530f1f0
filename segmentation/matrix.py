"""The nine cells of a run, and a tenth place for each letter of value whose rhythm cannot be judged yet.

Both methods of XYZ are kept with each client, so the same clients can be laid out by either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.templatetags.kam_format import share as in_per_cent
from segmentation.models import SegmentationRun, XyzMethod
from segmentation.models.runs import CELLS, SHORT_CELLS, limit_in_words
from segmentation.recommending import Recommendation
from segmentation.segmenting import DEFAULT_LIMITS

ALL_CELLS = CELLS + SHORT_CELLS
# By which column of a segment its second letter goes.
COLUMN: dict[str, str] = {XyzMethod.CV: "xyz_cv", XyzMethod.FREQUENCY: "xyz_frequency"}


@dataclass(frozen=True)
class Tally:
    """How many clients, and what they bring together."""

    count: int = 0
    total: Decimal = Decimal(0)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.count + other.count, self.total + other.total)


@dataclass(frozen=True)
class Counted:
    """The clients of a run by cell: by its own method, and by each of the two where they were kept."""

    own: Mapping[str, Tally]
    by: Mapping[str, Mapping[str, Tally]]
    agreeing: int
    both: int

    @property
    def agreement(self) -> Decimal | None:
        """The part of the clients to whom both methods give the same letter; None where one was not kept."""
        return Decimal(self.agreeing) / self.both if self.both else None

    @property
    def short(self) -> Tally:
        return sum((self.own.get(cell, Tally()) for cell in SHORT_CELLS), Tally())


def count(run: SegmentationRun) -> Counted:
    """One query over the run's segments."""
    rows = (
        run.segments.order_by()
        .values_list("abc", "xyz", *COLUMN.values())
        .annotate(clients=Count("pk"), together=Sum("total"))
    )
    own: dict[str, Tally] = {}
    by: dict[str, dict[str, Tally]] = {method: {} for method in COLUMN}
    agreeing = both = 0
    for abc, xyz, variation, frequency, clients, together in rows:
        tally = Tally(clients, together)
        own[abc + xyz] = own.get(abc + xyz, Tally()) + tally
        for method, letter in zip(COLUMN, (variation, frequency), strict=True):
            if letter:
                # Too short a history is said of both alike.
                cell = abc + ("N" if xyz == "N" else letter)
                by[method][cell] = by[method].get(cell, Tally()) + tally
        if variation and frequency and xyz != "N":
            both += clients
            agreeing += clients if variation == frequency else 0
    return Counted(own, {method: cells for method, cells in by.items() if cells}, agreeing, both)


def other_method(run: SegmentationRun) -> str:
    return XyzMethod.CV if run.xyz_method == XyzMethod.FREQUENCY else XyzMethod.FREQUENCY


def limits(run: SegmentationRun, method: str) -> tuple[str, str]:
    """The limits of X and Y the run went by in that method: its own, those of its policy, or the usual ones."""
    if method == run.xyz_method:
        return run.xyz_x, run.xyz_y
    if run.policy_id:
        name = "cv" if method == XyzMethod.CV else "frequency"
        return getattr(run.policy, f"{name}_x"), getattr(run.policy, f"{name}_y")
    return DEFAULT_LIMITS[XyzMethod(method)]


def meanings(run: SegmentationRun, method: str) -> dict[str, str]:
    """What X, Y, Z and N mean by the method, short enough for the head of a column."""
    x, y = (limit_in_words(limit, method) for limit in limits(run, method))
    if method == XyzMethod.FREQUENCY:
        means = {
            "X": _("bought in %(limit)s of the periods") % {"limit": x},
            "Y": _("in %(limit)s of the periods") % {"limit": y},
            "Z": _("more seldom"),
        }
    else:
        means = {
            "X": _("variation up to %(limit)s") % {"limit": x},
            "Y": _("variation up to %(limit)s") % {"limit": y},
            "Z": _("varies more"),
        }
    return {**means, "N": _("too short a history")}


def rows(
    run: SegmentationRun,
    cells: Mapping[str, Tally],
    *,
    method: str,
    actions: Mapping[str, Recommendation],
    with_words: bool = True,
) -> list[dict]:
    """The cells as components/matrix.html takes them: three rows of three, or of four where some are too new."""
    means = run.limits_in_words
    address = reverse("segmentation:segments", args=[run.pk])
    also = "" if method == run.xyz_method else f"&by={method}"
    letters = "XYZN" if has_short(run, cells) else "XYZ"
    made = []
    for abc in "ABC":
        row = []
        for xyz in letters:
            code = abc + xyz
            tally = cells.get(code, Tally())
            part = tally.total / run.positive_total if run.positive_total else Decimal(0)
            action = actions[code]
            row.append(
                {
                    "code": code,
                    "count": tally.count,
                    "share": max(part, Decimal(0)),
                    "share_text": in_per_cent(part) if tally.count else "",
                    "of_clients": Decimal(tally.count) / run.clients if run.clients else None,
                    "do": action.do if with_words else "",
                    "text": action.text,
                    "action": action,
                    "can_change": xyz != "N",
                    "total": tally.total,
                    "url": f"{address}?cell={code}{also}" if tally.count else "",
                }
            )
        made.append({"abc": abc, "note": means[abc], "cells": row})
    return made


def has_short(run: SegmentationRun, cells: Mapping[str, Tally]) -> bool:
    return run.min_history > 0 or any(cell in cells for cell in SHORT_CELLS)
