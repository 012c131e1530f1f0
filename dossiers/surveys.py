"""NPS and CSAT: what the client's people answered, added up.

The net promoter score is the percentage of promoters (9 and 10) less that of detractors (0 to 6), from −100
to 100 (Reichheld, "The One Number You Need to Grow", 2003). CSAT is the mean of the answers from 1 to 5 and
the share of those who are content (4 and 5). Both look at twelve months; the trend at quarters.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dossiers import quarters
from dossiers.models import SurveyAnswer, SurveyKind
from dossiers.quarters import Quarter
from segmentation.charts import Chart, Column, points_chart

# With fewer answers, one person more or less moves the score by more than ten points.
FEW = 10
PROMOTERS_FROM, DETRACTORS_TO, CONTENT_FROM = 9, 6, 4


@dataclass(frozen=True)
class Nps:
    answers: int
    promoters: int
    detractors: int

    @property
    def score(self) -> int | None:
        """−100 to 100; None without answers."""
        if not self.answers:
            return None
        return _whole(Fraction(100 * (self.promoters - self.detractors), self.answers))

    @property
    def passives(self) -> int:
        return self.answers - self.promoters - self.detractors

    @property
    def is_few(self) -> bool:
        return 0 < self.answers < FEW

    @property
    def weight_of_one(self) -> int:
        """By how many points one answer moves the score, a passive one turned into a promoter."""
        return _whole(Fraction(100, self.answers)) if self.answers else 0


@dataclass(frozen=True)
class Csat:
    answers: int
    content: int
    total: int

    @property
    def mean(self) -> Decimal | None:
        """1 to 5, to a tenth; None without answers."""
        if not self.answers:
            return None
        return (Decimal(self.total) / self.answers).quantize(Decimal("0.1"), ROUND_HALF_UP)

    @property
    def share(self) -> Fraction | None:
        """Of those who are content, a part of 1."""
        return Fraction(self.content, self.answers) if self.answers else None

    @property
    def is_few(self) -> bool:
        return 0 < self.answers < FEW


def nps(scores: Iterable[int]) -> Nps:
    """From answers of 0 to 10."""
    given = list(scores)
    return Nps(
        len(given),
        sum(score >= PROMOTERS_FROM for score in given),
        sum(score <= DETRACTORS_TO for score in given),
    )


def csat(scores: Iterable[int]) -> Csat:
    """From answers of 1 to 5."""
    given = list(scores)
    return Csat(len(given), sum(score >= CONTENT_FROM for score in given), sum(given))


def year_before(today: datetime.date) -> datetime.date:
    """The same day a year ago; what was answered after it is of the last twelve months."""
    try:
        return today.replace(year=today.year - 1)
    except ValueError:  # 29 February
        return today.replace(year=today.year - 1, day=28)


@dataclass(frozen=True)
class QuarterAnswers:
    quarter: Quarter
    nps: Nps
    csat: Csat


@dataclass(frozen=True)
class Surveys:
    """What the answers of a dossier come to: of the last twelve months, and by quarter, the oldest first."""

    since: datetime.date
    nps: Nps
    csat: Csat
    by_quarter: tuple[QuarterAnswers, ...]

    @property
    def has_trend(self) -> bool:
        return sum(bool(one.nps.answers or one.csat.answers) for one in self.by_quarter) > 1

    def chart(self) -> Chart | None:
        """The NPS by quarter; None where fewer than two quarters have one."""
        if sum(bool(one.nps.answers) for one in self.by_quarter) < 2:
            return None
        columns = []
        for one in self.by_quarter:
            label, score = one.quarter.label, one.nps.score
            if score is None:
                silent = _("%(quarter)s: no answers") % {"quarter": label}
                columns.append(Column(label, None, mark="–", mark_says=silent))
                continue
            says = ngettext(
                "%(quarter)s: NPS %(score)d from %(number)d answer",
                "%(quarter)s: NPS %(score)d from %(number)d answers",
                one.nps.answers,
            ) % {"quarter": label, "score": score, "number": one.nps.answers}
            columns.append(Column(label, Decimal(score), says))
        return points_chart(
            columns,
            lowest=-100,
            highest=100,
            name="nps-chart",
            title=_("NPS by quarter"),
            description=". ".join(column.says or column.mark_says for column in columns),
        )


def of(answers: Sequence[SurveyAnswer] | Sequence[Any], *, today: datetime.date) -> Surveys:
    """From the answers of one dossier, in any order; what is dated after today counts for nothing."""
    since = year_before(today)
    last = [answer for answer in answers if since < answer.answered_on <= today]
    return Surveys(
        since=since,
        nps=nps(_scores(last, SurveyKind.NPS)),
        csat=csat(_scores(last, SurveyKind.CSAT)),
        by_quarter=tuple(_by_quarter(answers, quarter, today) for quarter in quarters.until(today)),
    )


def _by_quarter(answers: Sequence[Any], quarter: Quarter, today: datetime.date) -> QuarterAnswers:
    given = [
        answer
        for answer in answers
        if quarter.first <= answer.answered_on < quarter.end and answer.answered_on <= today
    ]
    return QuarterAnswers(
        quarter, nps(_scores(given, SurveyKind.NPS)), csat(_scores(given, SurveyKind.CSAT))
    )


def _scores(answers: Iterable[Any], kind: str) -> list[int]:
    return [answer.score for answer in answers if answer.kind == kind]


def _whole(number: Fraction) -> int:
    """Halves away from nought, as people round."""
    return int(abs(number) + Fraction(1, 2)) * (1 if number >= 0 else -1)
