"""How close we are to a client: the level and the score now and wanted, and how the score went.

Everything a drawing needs is text already, so that no locale puts a comma into a coordinate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.templatetags.kam_format import day
from dossiers.models import Level
from dossiers.showing import Entry

LEFT, RIGHT, TOP, BOTTOM, WIDTH, HEIGHT = 26, 14, 18, 114, 480, 132


@dataclass(slots=True)
class Point:
    x: str
    y: str
    score: int
    label_y: str
    says: str
    anchor: str


@dataclass(slots=True)
class Goal:
    """The score wanted, as a line across the drawing."""

    y: str
    label_y: str
    score: int


@dataclass(slots=True)
class Trend:
    """The score over time, placed by date on a sheet of `width` by `height`."""

    points: list[Point]
    line: str
    levels: list[tuple[str, str]]
    now: Entry
    goal: Goal | None
    change: int | None
    first: str
    last: str
    width: int = WIDTH
    height: int = HEIGHT


def trend(entries: Sequence[Entry]) -> Trend | None:
    """Of assessments in their order, newest first."""
    if not entries:
        return None
    dated = sorted(entries, key=lambda entry: (entry.record.assessed_on, entry.pk))
    first, last = dated[0].record.assessed_on, dated[-1].record.assessed_on
    span = (last - first).days or 1
    points = []
    for entry in dated:
        days = (entry.record.assessed_on - first).days
        x = LEFT + days * (WIDTH - LEFT - RIGHT) / span if len(dated) > 1 else WIDTH / 2
        y = height_of(entry.record.score)
        says = f"{day(entry.record.assessed_on)}: {entry.record.score} – {entry.cell['level'].text}"
        anchor = "start" if x < LEFT + 12 else "end" if x > WIDTH - RIGHT - 12 else "middle"
        points.append(
            Point(f"{x:.1f}", f"{y:.1f}", entry.record.score, f"{y - 8:.1f}", says, anchor)
        )
    now = dated[-1]
    return Trend(
        points=points,
        line=" ".join(f"{point.x},{point.y}" for point in points),
        levels=[(f"{height_of(score):.1f}", str(score)) for score in range(1, 6)],
        now=now,
        goal=_goal(now.record.wanted_score),
        change=now.record.score - dated[-2].record.score if len(dated) > 1 else None,
        first=day(first),
        last=day(last) if last != first else "",
    )


def height_of(score: int) -> float:
    """Where a score of 1 to 5 stands, from the top."""
    return BOTTOM - (score - 1) * (BOTTOM - TOP) / 4


def _goal(wanted: int | None) -> Goal | None:
    if wanted is None:
        return None
    y = height_of(wanted)
    return Goal(f"{y:.1f}", f"{y - 4:.1f}", wanted)


@dataclass(slots=True)
class Step:
    label: str
    number: int
    reached: bool
    now: bool
    wanted: bool


def ladder(now: str, wanted: str) -> list[Step]:
    """The five levels as steps: which are reached, where we stand, and which one is wanted."""
    order = list(Level.values)
    reached = order.index(now) if now in order else -1
    return [
        Step(
            label=str(Level(level).label),
            number=place + 1,
            reached=place <= reached,
            now=level == now,
            wanted=level == wanted,
        )
        for place, level in enumerate(order)
    ]
