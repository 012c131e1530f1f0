"""The days on which a client ordered, as dots on a line: SVG made of two paths, cheap enough for fifty on a page."""

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import connection
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.templatetags.kam_format import day
from segmentation.models import Rhythm

WIDTH, MARGIN, MIDDLE = 360, 5, 10
# So much is shown before the last order, and never less than up to today after it.
BEFORE = datetime.timedelta(days=365)
# On the page of one client: enough to see whether it paused at the same time a year ago.
LONG = datetime.timedelta(days=730)


@dataclass(frozen=True)
class Drawing:
    """`body` is SVG on a sheet of 360 by 20 that begins at the day `first`; `says` tells the same in words."""

    body: SafeString
    says: str
    first: datetime.date


def order_days(
    rhythms: Collection[Rhythm], *, before: datetime.timedelta = BEFORE
) -> dict[int, list[datetime.date]]:
    """{client: its days with an order in the year up to the last one (or so long `before` it)}, of clients whose figures the person sees.

    One query over their own lines.
    """
    if not rhythms:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.client, l.sold_on
            FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS a (client, since, until)
            JOIN segmentation_salesline l
              ON l.client_id = a.client AND l.sold_on >= a.since AND l.sold_on <= a.until AND l.amount > 0
            GROUP BY 1, 2 ORDER BY 1, 2
            """,
            [
                [rhythm.client_id for rhythm in rhythms],
                [rhythm.last_on - before for rhythm in rhythms],
                [rhythm.last_on for rhythm in rhythms],
            ],
        )
        found: dict[int, list[datetime.date]] = {}
        for client, on in cursor.fetchall():
            found.setdefault(client, []).append(on)
    return found


def drawn(rhythm: Rhythm, days: Iterable[datetime.date], *, today: datetime.date) -> Drawing:
    """Dots for the days, a thick line for the silence since, a stroke where it began to slip."""
    known = [on for on in days if on <= today]
    first = known[0] if known else rhythm.last_on
    span = max((today - first).days, 1)
    scale = (WIDTH - 2 * MARGIN) / span

    def place(on: datetime.date) -> str:
        return f"{MARGIN + (on - first).days * scale:.1f}"

    dots = "".join(f"M{place(on)} {MIDDLE}h0" for on in known)
    last, end = place(rhythm.last_on), place(today)
    shapes = [
        f'<path class="rhythm-line" d="M{MARGIN} {MIDDLE}H{end}"/>',
        f'<path class="rhythm-silence" d="M{last} {MIDDLE}H{end}"/>',
        f'<path class="rhythm-dots" d="{dots}"/>',
    ]
    if rhythm.slips_on is not None and rhythm.slips_on <= today:
        shapes.append(f'<path class="rhythm-limit" d="M{place(rhythm.slips_on)} 3V17"/>')
    says = _("Days with an order from %(first)s to %(last)s, and nothing since.") % {
        "first": day(first),
        "last": day(rhythm.last_on),
    }
    return Drawing(mark_safe("".join(shapes)), says, first)
