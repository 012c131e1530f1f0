"""Small things that only the printed pages need."""

import re
from collections.abc import Iterable, Iterator

from django import template
from django.utils.text import capfirst

from dossiers.models import Concern, Stakeholder
from dossiers.shapes import Branch

register = template.Library()


@register.filter
def paragraphs(text) -> list[str]:
    """The lines of a text that say something, each a paragraph."""
    return [line.strip() for line in re.split(r"\n+", str(text or "")) if line.strip()]


@register.filter
def flat(branches: Iterable[Branch]) -> Iterator[Branch]:
    """A tree as the rows of a table, from above to below."""
    for branch in branches:
        yield branch
        yield from flat(branch.branches)


@register.filter
def depth(level: int) -> int:
    """How far a row of a tree is indented: deeper than five is not told apart."""
    return min(level, 5)


@register.filter
def tenths(influence: int, whole: int) -> str:
    """A part of ten as a length, never localised: 7 of ten on 74 is "51.8"."""
    return f"{influence * whole / 10:.1f}"


@register.filter
def cares(stakeholder: Stakeholder) -> str:
    return capfirst(", ".join(str(Concern(kind).label).lower() for kind in stakeholder.cares_about))
