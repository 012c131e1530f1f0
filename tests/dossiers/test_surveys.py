"""NPS and CSAT: added up by hand beside what is computed, and answered through the door."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains

from dossiers import quarters, surveys
from dossiers.models import SurveyAnswer
from tests import factories

HTMX = {"HX-Request": "true"}
TODAY = datetime.date(2026, 11, 21)


@dataclass
class Answer:
    answered_on: datetime.date
    score: int
    kind: str = "nps"


@pytest.mark.parametrize(
    ("answers", "score", "promoters", "passives", "detractors"),
    [
        ([], None, 0, 0, 0),
        ([9], 100, 1, 0, 0),
        ([0], -100, 0, 0, 1),
        ([7, 8], 0, 0, 2, 0),
        # the limits: 6 is a detractor, 7 and 8 are passive, 9 is a promoter
        ([6, 7, 8, 9], 0, 1, 2, 1),
        ([10, 9, 8], 67, 2, 1, 0),
        ([10, 3, 3], -33, 1, 0, 2),
        # one eighth is twelve and a half: away from nought
        ([10, 7, 7, 7, 7, 7, 7, 7], 13, 1, 7, 0),
        ([0, 7, 7, 7, 7, 7, 7, 7], -13, 0, 7, 1),
    ],
)
def test_nps_is_promoters_less_detractors(answers, score, promoters, passives, detractors):
    found = surveys.nps(answers)
    assert found.score == score
    assert (found.promoters, found.passives, found.detractors) == (promoters, passives, detractors)


@pytest.mark.parametrize(
    ("answers", "mean", "share"),
    [
        ([], None, None),
        ([5], Decimal("5.0"), Fraction(1)),
        ([3, 4], Decimal("3.5"), Fraction(1, 2)),
        ([1, 2, 3], Decimal("2.0"), Fraction(0)),
        ([4, 4, 5], Decimal("4.3"), Fraction(1)),
        ([4, 4, 4, 5], Decimal("4.3"), Fraction(1)),  # 4.25, rounded up
    ],
)
def test_csat_is_the_mean_and_the_share_of_the_content(answers, mean, share):
    found = surveys.csat(answers)
    assert (found.mean, found.share) == (mean, share)


@pytest.mark.parametrize(("number", "is_few"), [(0, False), (1, True), (9, True), (10, False)])
def test_few_answers_are_called_few(number, is_few):
    assert surveys.nps([9] * number).is_few is is_few
    assert surveys.csat([4] * number).is_few is is_few


def test_only_the_last_twelve_months_count_and_nothing_from_the_future():
    found = surveys.of(
        [
            Answer(datetime.date(2025, 11, 21), 0),  # a year ago to the day: no longer
            Answer(datetime.date(2025, 11, 22), 9),
            Answer(TODAY, 8),
            Answer(datetime.date(2026, 11, 22), 0),  # tomorrow
            Answer(TODAY, 5, "csat"),
        ],
        today=TODAY,
    )
    assert (found.nps.answers, found.nps.score) == (2, 50)
    assert (found.csat.answers, found.csat.mean) == (1, Decimal("5.0"))


def test_a_leap_day_has_a_year_before_it_too():
    assert surveys.year_before(datetime.date(2028, 2, 29)) == datetime.date(2027, 2, 28)


def test_answers_fall_into_their_quarters():
    found = surveys.of(
        [
            Answer(datetime.date(2026, 9, 30), 0),
            Answer(datetime.date(2026, 10, 1), 10),
            Answer(datetime.date(2025, 1, 1), 10),
            Answer(datetime.date(2024, 12, 31), 10),  # before the eight quarters
        ],
        today=TODAY,
    )
    scores = [one.nps.score for one in found.by_quarter]
    assert scores == [100, None, None, None, None, None, -100, 100]
    assert found.chart() is not None


def test_one_quarter_is_no_trend():
    assert surveys.of([Answer(TODAY, 9)], today=TODAY).chart() is None
    assert surveys.of([], today=TODAY).chart() is None


@pytest.mark.parametrize(
    ("day", "first", "label"),
    [
        (datetime.date(2026, 1, 1), datetime.date(2026, 1, 1), "Q1 26"),
        (datetime.date(2026, 3, 31), datetime.date(2026, 1, 1), "Q1 26"),
        (datetime.date(2026, 4, 1), datetime.date(2026, 4, 1), "Q2 26"),
        (datetime.date(2026, 12, 31), datetime.date(2026, 10, 1), "Q4 26"),
    ],
)
def test_each_day_has_its_quarter(day, first, label):
    found = quarters.quarter_of(day)
    assert (found.first, found.label) == (first, label)


def test_eight_quarters_end_with_the_running_one():
    shown = quarters.until(TODAY)
    assert len(shown) == 8
    assert shown[0].first == datetime.date(2025, 1, 1)
    assert shown[-1].first <= TODAY < shown[-1].end


# ── Through the door ─────────────────────────────────────────────────────────────────────────


def address(act, dossier, *more):
    return reverse(f"dossiers:{act}", args=[dossier.pk, "figures", "surveys", *more])


def sent(**fields):
    return {"answered_on": "2026-11-20", "kind": "nps", "certainty": "fact", **fields}


@pytest.mark.django_db
def test_a_kam_notes_an_answer_in_place_and_sees_what_it_comes_to(as_kam, dossier, kam):
    form = as_kam.get(address("add", dossier), headers=HTMX)
    assertContains(form, f'value="{timezone.localdate().isoformat()}"')
    answer = as_kam.post(
        address("add", dossier), sent(score="9", comment="Quick and honest."), headers=HTMX
    )
    assertContains(answer, "Quick and honest.")
    assertContains(answer, "+100")
    assertContains(answer, "1 answer. Promoters (9–10): 1; passive (7–8): 0; detractors (0–6): 0.")
    assertContains(answer, "Few answers: one of them moves the score by 100 points.")
    assert SurveyAnswer.objects.get(dossier=dossier).created_by == kam


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "score"), [("nps", "11"), ("csat", "0"), ("csat", "6")])
def test_an_answer_outside_its_scale_is_refused_with_a_sentence(as_kam, dossier, kind, score):
    answer = as_kam.post(address("add", dossier), sent(kind=kind, score=score), headers=HTMX)
    assert answer.status_code == 422
    assertContains(answer, "NPS is answered with 0 to 10, CSAT with 1 to 5.", status_code=422)
    assert not SurveyAnswer.objects.exists()


@pytest.mark.django_db
def test_another_kam_neither_reads_nor_writes_answers(as_other_kam, dossier):
    factories.entry("surveys", dossier, comment="Between us.")
    assert as_other_kam.get(address("piece", dossier), headers=HTMX).status_code == 404
    assert as_other_kam.post(address("add", dossier), sent(score="1")).status_code == 404
    assert SurveyAnswer.objects.count() == 1


@pytest.mark.django_db
def test_an_answer_is_edited_where_it_stands_and_does_not_age(as_kam, dossier):
    today = timezone.localdate()
    entry = factories.entry(
        "surveys", dossier, answered_on=today - datetime.timedelta(days=200), score=3,
        today=today - datetime.timedelta(days=200),
    )  # fmt: skip
    page = as_kam.get(reverse("dossiers:section", args=[dossier.pk, "figures"]))
    assertContains(page, f'id="surveys-{entry.pk}"')
    assert "is-stale" not in page.content.decode()
    form = as_kam.get(address("edit", dossier, entry.pk), headers=HTMX)
    assertContains(form, "row-writing")
    answer = as_kam.post(
        address("edit", dossier, entry.pk),
        sent(score="10", version=entry.version),
        headers=HTMX,
    )
    assert answer.status_code == 200
    entry.refresh_from_db()
    assert entry.score == 10
