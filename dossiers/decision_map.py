"""The decision map: who decides at the client, who reports to whom, and who listens to whom.

`draw` turns stakeholders and lines of influence into places on a sheet; a template draws them, the same
for page and PDF. Nothing here asks the database. Graphviz' dot places the cards (see
`dossiers.map_layout`); the lines are ours: lines of reporting straight and square, lines of influence
dashed and curved, so that nobody takes one for the other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dossiers.lettering import sheet_for, wrap
from dossiers.map_layout import CARD_WIDTH, SCREEN, Shape, laid_out
from dossiers.models import InfluenceLine, Stakeholder, Stance

NAME, SMALL = 12.5, 11
PAD, ICON = 12, 22
STROKES = {1: "1.2", 2: "2", 3: "3.2"}
BAR = 74
# The edge of a card in print, by stance; on screen map.css paints it.
EDGES = {1: "#a1271d", 2: "#d09a3a", 3: "#b3aea1", 4: "#5fa3a8", 5: "#0e5a66"}


@dataclass(frozen=True)
class Text:
    """One line of text on a card; y is its baseline, from the card's upper edge."""

    x: int
    y: int
    says: str


@dataclass(frozen=True)
class Card:
    """One stakeholder. `step` is the stance from 1 (enemy) to 5 (mentor), `filled` the length of the influence bar."""

    pk: int
    x: int
    y: int
    width: int
    height: int
    step: int
    stance: str
    influence: int
    filled: int
    is_placeholder: bool
    mark: int
    names: tuple[Text, ...]
    positions: tuple[Text, ...]
    roles: tuple[Text, ...]
    foot: int
    says: str

    @property
    def edge(self) -> str:
        return EDGES[self.step]

    @property
    def href(self) -> str:
        return f"#stakeholder-{self.pk}"


@dataclass(frozen=True)
class Influence:
    """A curve from one card to another, with its arrow head; `hides` where it passes behind cards; `says` tells it in words."""

    path: str
    head: str
    strength: int
    stroke: str
    hides: bool
    says: str


@dataclass(frozen=True)
class Line:
    """What the list beside the drawing says of one stakeholder."""

    pk: int
    name: str
    facts: str
    reports_to: str
    influences: tuple[str, ...]


@dataclass(frozen=True)
class Map:
    """Everything measured in pixels at full size, from the upper left corner."""

    width: int
    height: int
    title: str
    description: str
    cards: tuple[Card, ...]
    reporting: tuple[str, ...]
    circles: tuple[str, ...]
    influences: tuple[Influence, ...]
    lines: tuple[Line, ...]
    loose_label: str
    loose_at: tuple[int, int] | None
    notes: tuple[str, ...]

    @property
    def stances(self) -> list[tuple[int, str]]:
        """What the legend explains: (step, word)."""
        return [(stance + 3, label) for stance, label in Stance.choices]

    @property
    def is_empty(self) -> bool:
        return not self.cards

    @property
    def sheet(self) -> str:
        """The sheet of paper on which it is printed."""
        return sheet_for(self.width, self.height)


def draw(
    stakeholders: Iterable[Stakeholder],
    lines: Iterable[InfluenceLine],
    *,
    room: tuple[int, int] = SCREEN,
) -> Map:
    """The map of one dossier, whatever its size; an empty one has no cards.

    `room` is what it should fit into if it can, in pixels: SCREEN or PAPER.

    Lines of reporting or influence that lead to somebody who is not among the stakeholders are left out.
    """
    people = list(stakeholders)
    by_pk = {person.pk: person for person in people}
    known = [line for line in lines if line.influencer_id in by_pk and line.influenced_id in by_pk]
    texts = {person.pk: _texts(person) for person in people}
    # Cards are of one size, so that levels and columns align: as high as the fullest needs.
    head = 31 if any(len(names) > 1 for names, _positions, _roles in texts.values()) else ICON
    small_lines = max(
        (len(positions) + len(roles) for _names, positions, roles in texts.values()), default=1
    )
    height = PAD + head + 4 + small_lines * 14 + 15 + PAD + 4
    plan = laid_out(
        Shape(
            people=tuple(
                (person.pk, person.reports_to_id if person.reports_to_id in by_pk else None)
                for person in people
            ),
            influences=tuple((line.influencer_id, line.influenced_id) for line in known),
            height=height,
            room=room,
        )
    )
    return Map(
        width=plan.width,
        height=plan.height,
        title=_("Decision map"),
        description=_describe(people, known),
        cards=tuple(
            _card(person, *plan.places[person.pk], height, head, *texts[person.pk])
            for person in people
        ),
        reporting=plan.reporting,
        circles=plan.circles,
        influences=tuple(
            Influence(
                path,
                head,
                line.strength,
                STROKES[line.strength],
                hides,
                _influence_says(line, by_pk),
            )
            for line, (path, head, hides) in zip(known, plan.influences, strict=True)
        ),
        lines=tuple(_line(person, by_pk, known) for person in people),
        loose_label=_("No line of reporting known"),
        loose_at=plan.loose_at,
        notes=_notes(plan.in_circles, by_pk),
    )


def _texts(person: Stakeholder) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    beside_icon = CARD_WIDTH - 2 * PAD - ICON - 8
    whole = CARD_WIDTH - 2 * PAD
    names = wrap(
        person.name or _("Not identified"), into=beside_icon, size=NAME, lines=2, bold=True
    )
    positions = wrap(person.position, into=whole, size=SMALL, lines=2)
    roles = wrap(" · ".join(map(str, person.role_labels)), into=whole, size=SMALL, lines=2)
    return names, positions, roles


def _card(person, x, y, height, head, names, positions, roles) -> Card:
    first = PAD + head / 2 - 15 * (len(names) - 1) / 2 + 4.5
    small = PAD + head + 4 + 11
    return Card(
        pk=person.pk,
        x=x,
        y=y,
        width=CARD_WIDTH,
        height=height,
        step=person.stance + 3,
        stance=Stance(person.stance).label,
        influence=person.influence,
        filled=round(BAR * person.influence / 10),
        is_placeholder=person.is_placeholder,
        mark=round(PAD + (head - ICON) / 2),
        names=tuple(
            Text(PAD + ICON + 8, round(first + 15 * line), says) for line, says in enumerate(names)
        ),
        positions=tuple(Text(PAD, small + 14 * line, says) for line, says in enumerate(positions)),
        roles=tuple(
            Text(PAD, small + 14 * (len(positions) + line), says) for line, says in enumerate(roles)
        ),
        foot=height - PAD - 2,
        says=f"{person}: {_facts(person)}",
    )


def _facts(person: Stakeholder) -> str:
    return "; ".join(
        filter(
            None,
            [
                person.position,
                ", ".join(map(str, person.role_labels)),
                _("influence %(n)d of 10") % {"n": person.influence},
                str(Stance(person.stance).label),
            ],
        )
    )


def _line(
    person: Stakeholder, by_pk: dict[int, Stakeholder], lines: Sequence[InfluenceLine]
) -> Line:
    boss = by_pk.get(person.reports_to_id)
    return Line(
        pk=person.pk,
        name=str(person),
        facts=_facts(person),
        reports_to=_("reports to %(who)s") % {"who": boss} if boss else "",
        influences=tuple(
            _("influences %(who)s (%(how)s)")
            % {"who": by_pk[line.influenced_id], "how": line.get_strength_display()}
            for line in lines
            if line.influencer_id == person.pk
        ),
    )


def _influence_says(line: InfluenceLine, by_pk: dict[int, Stakeholder]) -> str:
    says = _("%(who)s influences %(whom)s: %(how)s") % {
        "who": by_pk[line.influencer_id],
        "whom": by_pk[line.influenced_id],
        "how": line.get_strength_display(),
    }
    return f"{says} – {line.note}" if line.note else says


def _describe(people: Sequence[Stakeholder], lines: Sequence[InfluenceLine]) -> str:
    count = ngettext("%(n)d stakeholder", "%(n)d stakeholders", len(people)) % {"n": len(people)}
    drawn = ngettext("%(n)d line of influence", "%(n)d lines of influence", len(lines)) % {
        "n": len(lines)
    }
    return f"{count}, {drawn}"


def _notes(circles: Sequence[Sequence[int]], by_pk: dict[int, Stakeholder]) -> tuple[str, ...]:
    return tuple(
        _("These report to each other in a circle; correct one of the lines: %(names)s.")
        % {"names": ", ".join(str(by_pk[pk]) for pk in circle)}
        for circle in circles
    )
