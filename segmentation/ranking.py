"""The ranked list from which key clients are chosen: who stands on it, with what scores, and how firmly.

Of ten thousand clients a head judges a few dozen. On the list stand candidates, prospects that were qualified, everybody
who was judged by a criterion, and the largest clients by the sales of twelve months: `LARGEST` of them. Who is
lost or merged into another does not stand on it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from django.db.models import Exists, OuterRef, Q, TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import Client, User
from accounts.models.client import Stage
from segmentation import criteria, scoring, selection_figures
from segmentation.criteria import Criterion, Rules
from segmentation.models import CriterionScore, Qualification, Segment, SegmentationRun
from segmentation.scoring import Place, Total
from segmentation.selection_figures import Finding, Window

LARGEST = 50


class Among(TextChoices):
    """Who is compared with whom."""

    OPEN = "open", _("To choose from")
    KEY = "key", _("Key clients")
    ALL = "all", _("Both together")


STAGES: dict[str, tuple[Stage, ...]] = {
    Among.OPEN: (Stage.CANDIDATE, Stage.PROSPECT, Stage.REGULAR),
    Among.KEY: (Stage.KEY,),
    Among.ALL: (Stage.CANDIDATE, Stage.PROSPECT, Stage.REGULAR, Stage.KEY),
}


@dataclass(frozen=True)
class Scored:
    """One client by one criterion. `finding`: what the sales say, for those they can tell; `judged`: by a person.

    What the sales say comes first; a judgement stands in where they say nothing.
    """

    criterion: Criterion
    finding: Finding | None
    judged: CriterionScore | None

    @property
    def is_computed(self) -> bool:
        return self.finding is not None and self.finding.score is not None

    @property
    def score(self) -> int | None:
        if self.finding is not None and self.finding.score is not None:
            return self.finding.score
        return self.judged.score if self.judged else None

    @property
    def is_idle(self) -> bool:
        """It was judged, but the sales tell it now."""
        return self.is_computed and self.judged is not None

    @property
    def is_judged(self) -> bool:
        return self.judged is not None and not self.is_computed

    @property
    def basis(self) -> str:
        """Where the score comes from, in words."""
        if self.is_judged and self.judged is not None:
            return self.judged.reason
        return self.finding.basis if self.finding else ""

    @property
    def part(self) -> float:
        return (self.score or 0) / scoring.HIGHEST

    @property
    def meaning(self) -> str:
        """What the score means in the words of its criterion."""
        return "" if self.score is None else self.criterion.steps[self.score][1]


@dataclass
class Entry:
    """A client on the list."""

    client: Client
    scored: dict[str, Scored]
    place: Place[int]
    segment: Segment | None = None
    qualification: Qualification | None = None

    @property
    def total(self) -> Total:
        return self.place.total

    @property
    def part(self) -> Fraction:
        """The total as a part of 1, for a bar."""
        return (self.total.value or Fraction(0)) / scoring.HIGHEST

    def by(self, weighty: Iterable[Criterion]) -> list[Scored]:
        return [self.scored[one.key] for one in weighty]


@dataclass
class Ranking:
    """The list, best first; those without a total at its end."""

    among: str
    rules: Rules
    run: SegmentationRun | None
    window: Window | None
    entries: list[Entry]
    positive_total: Fraction
    sales: dict[int, selection_figures.Sales]

    @cached_property
    def ranked(self) -> int:
        return sum(entry.place.rank is not None for entry in self.entries)

    @cached_property
    def variations(self) -> int:
        return len(scoring.variations(self.rules.weights))

    def of(self, client: int) -> Entry | None:
        return next((entry for entry in self.entries if entry.client.pk == client), None)


def ranking(user: User, *, among: str = Among.OPEN, beside: Collection[int] = ()) -> Ranking:
    """The list for a person who sees scores; `beside`: clients that are put on it in any case.

    Its number of queries is the same for three clients and for three hundred.
    """
    rules = criteria.rules()
    run = SegmentationRun.objects.visible_to(user).in_force()
    window = selection_figures.window(run, growth_months=rules.growth_months)
    whole = selection_figures.whole(window, stages=STAGES[among], number=LARGEST)
    clients = list(_on_list(user, STAGES[among], {*whole.largest}, {*beside}))
    keys = [client.pk for client in clients]
    sales = selection_figures.sales_of(window, keys)
    judged = _judged(user, keys)
    scored = {
        client.pk: scores_of(
            rules,
            sales.get(client.pk),
            judged.get(client.pk, {}),
            window=window,
            positive_total=whole.positive_total,
        )
        for client in clients
    }
    places = scoring.places(
        rules.weights,
        {
            client: {key: one.score for key, one in by_key.items()}
            for client, by_key in scored.items()
        },
    )
    segments = {
        segment.client_id: segment
        for segment in Segment.objects.visible_to(user)
        .in_force()
        .filter(client__in=keys)
        .defer("nets")
    }
    qualified = {
        each.client_id: each
        for each in Qualification.objects.visible_to(user).filter(client__in=keys)
    }
    entries = [
        Entry(
            client,
            scored[client.pk],
            places[client.pk],
            segments.get(client.pk),
            qualified.get(client.pk),
        )
        for client in clients
    ]
    entries.sort(key=_order)
    return Ranking(among, rules, run, window, entries, whole.positive_total, sales)


def found_by(key: str, entry: Entry, ranking: Ranking) -> Finding:
    """What the sales say of a client by a criterion, also where the policy gives it no place."""
    scored = entry.scored.get(key)
    if scored is not None and scored.finding is not None:
        return scored.finding
    sales = ranking.sales.get(entry.client.pk)
    return selection_figures.finding(
        key, sales, window=ranking.window, positive_total=ranking.positive_total
    )


def scores_of(
    rules: Rules,
    sales: selection_figures.Sales | None,
    judged: Mapping[str, CriterionScore],
    *,
    window: Window | None,
    positive_total: Fraction,
) -> dict[str, Scored]:
    """{key of a criterion: what is known of one client by it}"""
    found = {}
    for criterion in rules.criteria:
        finding = None
        if criterion.is_computed:
            finding = selection_figures.finding(
                criterion.key, sales, window=window, positive_total=positive_total
            )
        found[criterion.key] = Scored(criterion, finding, judged.get(criterion.key))
    return found


def _on_list(user: User, stages: Collection[str], largest: set[int], beside: set[int]):
    visible = Client.objects.visible_to(user)
    judged = CriterionScore.objects.visible_to(user).filter(client=OuterRef("pk"))
    qualified = Qualification.objects.visible_to(user).filter(client=OuterRef("pk"))
    wanted = (
        Q(stage=Stage.CANDIDATE)
        | Q(Exists(qualified), stage=Stage.PROSPECT)
        | Q(Exists(judged))
        | Q(pk__in=largest)
    )
    return visible.filter(Q(wanted, stage__in=stages) | Q(pk__in=beside))


def _judged(user: User, clients: Collection[int]) -> dict[int, dict[str, CriterionScore]]:
    found: dict[int, dict[str, CriterionScore]] = {}
    rows = CriterionScore.objects.visible_to(user).filter(client__in=clients)
    for row in rows.select_related("judged_by"):
        found.setdefault(row.client_id, {})[row.criterion] = row
    return found


def _order(entry: Entry) -> tuple:
    rank = entry.place.rank
    return (
        rank is None,
        rank or 0,
        -entry.total.known,
        entry.client.name_sort,
        entry.client.pk,
    )
