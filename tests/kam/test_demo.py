"""The demo is what people see first: it has to be whole, in agreement with itself, and never half there."""

import datetime
import io
import itertools
from collections import defaultdict
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Sum
from django.test import Client as Browser
from django.utils import timezone

from accounts import assigning
from accounts.models import Assignment, Client, User
from accounts.models.client import Stage
from accounts.models.user import Role
from dossiers import quality
from dossiers.models import Dossier, DossierRecord, Review, ReviewState, Stakeholder, TimelineEntry
from dossiers.pieces import PIECES, kept_models
from kam.demo import loading, revisions, sales
from segmentation import rollup
from segmentation.models import (
    ClientMerge,
    DoubtfulMatch,
    MonthlySales,
    SalesImport,
    SalesLine,
    Segment,
    SegmentationRun,
)


@pytest.fixture(scope="module")
def _demo(django_db_setup, django_db_blocker):
    """Loaded once for this module and rolled back after it."""
    with django_db_blocker.unblock():
        whole = transaction.atomic()
        whole.__enter__()
        call_command("demo", stdout=io.StringIO())
        yield
        transaction.set_rollback(True)
        whole.__exit__(None, None, None)


@pytest.fixture
def demo(_demo):
    """What a test changes is undone, the demo stays."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def today():
    return timezone.localdate()


def held_dossiers():
    return Dossier.objects.filter(client__assignments__holding="kam").select_related("client")


def counts():
    models = [
        *kept_models(),
        Client,
        User,
        Assignment,
        Review,
        SalesLine,
        MonthlySales,
        SegmentationRun,
        Segment,
    ]
    return {model.__name__: model.objects.count() for model in models}


def test_the_house_is_there_with_its_people_in_three_languages(demo):
    by_role = defaultdict(list)
    for person in User.objects.all():
        by_role[person.role].append(person)
    assert {role: len(people) for role, people in by_role.items()} == {
        Role.KAM: 5, Role.HEAD: 2, Role.ANALYST: 1, Role.COLLEAGUE: 2, Role.ADMIN: 1,
    }  # fmt: skip
    assert {person.language for person in User.objects.all()} == {"en", "pl", "ru"}
    assert all(person.email.endswith(".example") for person in User.objects.all())


def test_everybody_signs_in_with_the_password_that_the_command_prints(demo):
    printed = io.StringIO()
    call_command("demo", print_people=True, stdout=printed)
    password = loading.written_people()["password"]
    assert password in printed.getvalue()
    for person in User.objects.all():
        assert person.email in printed.getvalue()
    assert Browser().login(username=User.objects.first().email, password=password)


def test_a_second_load_changes_nothing_and_says_so(demo):
    before = counts()
    answer = io.StringIO()
    call_command("demo", if_empty=True, stdout=answer)
    assert "not loaded" in answer.getvalue()
    with pytest.raises(CommandError, match="already"):
        call_command("demo")
    assert counts() == before


@pytest.mark.django_db
def test_a_load_that_breaks_half_way_has_never_happened(monkeypatch, today):
    def broken(*args, **kwargs):
        raise RuntimeError("the power went out")

    monkeypatch.setattr(revisions, "enter", broken)
    with pytest.raises(RuntimeError, match="power"):
        loading.load(today=today)
    assert loading.is_empty()
    assert not loading.is_loaded()
    assert not SalesImport.objects.exists()


@pytest.mark.django_db
def test_the_demo_does_not_mix_with_other_peoples_data(today):
    Client.objects.create(name="Somebody else's client")
    with pytest.raises(loading.DataExists):
        loading.load(today=today)
    assert Client.objects.count() == 1


def test_sales_are_the_same_for_the_same_day():
    rows = loading.written_clients()
    day = datetime.date(2026, 11, 21)
    first = sales.ledger(rows, today=day, corrections=[])
    assert first == sales.ledger(rows, today=day, corrections=[])
    assert (first[0]["date"][:7], first[-1]["date"]) == ("2024-11", "2026-11-20")


@pytest.mark.parametrize("day", ["2027-01-01", "2027-03-01", "2028-02-29", "2027-05-31"])
def test_sales_reach_over_two_years_whatever_the_day(day):
    today = datetime.date.fromisoformat(day)
    lines = sales.ledger(loading.written_clients(), today=today, corrections=[])
    assert len({line["date"][:7] for line in lines}) == sales.MONTHS
    assert lines[-1]["date"] < day


def test_sales_came_in_through_the_import_with_a_few_lines_refused(demo):
    imports = SalesImport.objects.all()
    assert len(imports) == 5
    assert all(job.has_succeeded for job in imports)
    assert sum(job.accepted for job in imports) == SalesLine.objects.count() > 20_000
    assert sum(job.rejected for job in imports) == 3
    assert not any(job.replaced_documents for job in imports)
    # The web shop numbers its clients anew: one is known by its tax id, two are in doubt, one was merged.
    shop = next(job for job in imports if job.new_clients)
    assert (shop.new_clients, shop.matched_clients, shop.doubtful_matches) == (3, 1, 3)
    assert DoubtfulMatch.objects.waiting().count() == 2
    assert ClientMerge.objects.get().merged.merged_into.external_id == "10111"
    assert rollup.differences() == []
    assert MonthlySales.objects.filter(cost__isnull=True).count() == 0


def test_segments_fill_seven_cells_by_both_methods_and_show_what_moved(demo):
    current = SegmentationRun.objects.in_force()
    assert current.compared_with
    assert sum(1 for number in current.counts.values() if number) >= 7
    frequency = SegmentationRun.objects.get(xyz_method="frequency")
    assert sum(1 for number in frequency.counts.values() if number) >= 7
    assert any(segment.has_moved for segment in Segment.objects.in_force())


def test_one_or_two_breadwinners_bring_a_tenth_each(demo):
    shares = [segment.share for segment in Segment.objects.in_force().ranked()]
    assert 1 <= sum(share > Decimal("0.10") for share in shares) <= 2
    for dossier in Dossier.objects.filter(types__contains=["breadwinner"]):
        assert Segment.objects.in_force().get(client=dossier.client).share > Decimal("0.10")


def test_twelve_key_clients_are_held_and_one_waits(demo):
    per_kam = defaultdict(int)
    for held in Assignment.objects.open().kams():
        per_kam[held.person_id] += 1
    assert sorted(per_kam.values(), reverse=True) == [3, 3, 3, 2, 1]
    assert Client.objects.key().without_kam().count() == 1
    assert Assignment.objects.open().deputies().exists()
    stages = set(Client.objects.values_list("stage", flat=True))
    assert stages == set(Stage.values)


def test_a_full_kam_refuses_the_client_that_waits(demo, today):
    waiting = Client.objects.key().without_kam().get()
    full = next(kam for kam in User.objects.kams() if not assigning.free_slots(kam))
    free = next(kam for kam in User.objects.kams() if assigning.free_slots(kam))
    head = User.objects.heads().first()
    with pytest.raises(assigning.KamIsFull):
        assigning.assign(waiting, to=full, by=head, today=today)
    assert assigning.assign(waiting, to=free, by=head, today=today)


def test_every_decision_on_a_client_has_its_reason(demo):
    decided = Client.objects.filter(selection_decisions__isnull=False)
    assert set(decided) >= set(
        Client.objects.filter(stage__in=[Stage.KEY, Stage.CANDIDATE, Stage.LOST])
    )


def test_no_piece_of_a_held_dossier_is_empty(demo):
    dossiers = list(quality.with_quality(held_dossiers(), today=timezone.localdate()))
    assert len(dossiers) == 12
    for dossier in dossiers:
        assert not quality.of(dossier).missing, dossier
        for piece in PIECES:
            assert piece.records(dossier).exists(), (dossier, piece.key)
        for piece in PIECES:
            if piece.is_sheet:
                record = piece.records(dossier).get()
                assert all(getattr(record, name) for name in piece.fields), (dossier, piece.key)


def test_dossiers_look_like_a_year_of_work(demo, today):
    for dossier in held_dossiers():
        assert dossier.timeline.count() >= 12, dossier
        assert 6 <= dossier.stakeholders.count() <= 14, dossier
        assert dossier.stakeholders.filter(reports_to__isnull=False).exists(), dossier
        assert dossier.financial_years.count() == 5, dossier
        assert dossier.opportunities.count() == 5, dossier
        assert 2 <= dossier.competitors.count() <= 4, dossier
        assert 4 <= dossier.criteria.count() <= 7, dossier
        parties = 1 + dossier.competitors.count()
        assert dossier.scores.count() == dossier.criteria.count() * parties, dossier
        assert dossier.assessments.count() >= 3, dossier
    assert max(dossier.timeline.count() for dossier in held_dossiers()) >= 20
    assert Stakeholder.objects.filter(name="").exists()
    assert Stakeholder.objects.filter(version__gt=1).exists()


def test_gaps_are_there_to_be_found(demo, today):
    silent = today - datetime.timedelta(days=90)
    assert Stakeholder.objects.filter(last_met_on__lt=silent, influence__gte=6).exists()
    assert Stakeholder.objects.filter(stance=-2, influence__gte=8).exists()
    champions = Stakeholder.objects.filter(roles__contains=["champion"]).values("dossier")
    assert held_dossiers().exclude(pk__in=champions).exists()


def test_some_entries_are_fresh_and_some_are_stale(demo, today):
    ages = [
        record.age_in_days(today=today) for model in kept_models() for record in model.objects.all()
    ]
    assert min(ages) < 14
    assert any(age > 90 for age in ages)
    assert all(age >= 0 for age in ages)


def test_nothing_was_written_in_the_future_or_before_its_dossier(demo, today):
    now = timezone.now() + datetime.timedelta(days=1)
    for model in kept_models():
        for record in model.objects.select_related("dossier" if model is not Dossier else "client"):
            opened = record.opened_on if model is Dossier else record.dossier.opened_on
            written_on = timezone.localtime(record.created_at).date()
            assert opened <= written_on <= timezone.localtime(record.updated_at).date(), record
            assert record.updated_at < now, record
    assert not TimelineEntry.objects.filter(happened_on__gt=today).exists()


def test_the_history_tells_the_same_days_as_the_records(demo):
    for model in (Stakeholder, TimelineEntry):
        for record in model.objects.all():
            newest = model.pgh_event_model.objects.filter(pgh_obj_id=record.pk).order_by(
                "-version"
            )[0]
            assert (newest.version, newest.pgh_created_at) == (record.version, record.updated_at)


def test_revisions_are_in_every_state(demo, today):
    running = Review.objects.running()
    assert {review.state for review in running} == {
        ReviewState.RAISED, ReviewState.SUBMITTED, ReviewState.RETURNED,
    }  # fmt: skip
    assert Review.objects.overdue(on=today).count() == 1
    assert Dossier.objects.overdue(on=today).count() == 1
    soon = today + datetime.timedelta(days=14)
    assert Review.objects.with_kam().filter(due_on__range=(today, soon)).count() >= 2
    accepted = Review.objects.filter(state=ReviewState.ACCEPTED)
    assert accepted.count() >= 24
    for review in accepted:
        assert review.snapshot["records"]["dossier"], review
        assert review.sections.count() == 5, review
    for dossier in held_dossiers():
        # Revised at least every three months, ever since it was opened.
        days = [
            dossier.opened_on,
            *accepted.filter(dossier=dossier)
            .order_by("due_on")
            .values_list("submitted_on", flat=True),
        ]
        gaps = [(later - earlier).days for earlier, later in itertools.pairwise(days)]
        assert max(gaps) <= 100, dossier


def test_earlier_revisions_froze_a_smaller_dossier(demo):
    for dossier in held_dossiers():
        sizes = [
            len(review.snapshot["records"]["timelineentry"])
            for review in dossier.reviews.filter(state=ReviewState.ACCEPTED).order_by("due_on")
        ]
        assert sizes == sorted(sizes), dossier
        assert sizes[0] < dossier.timeline.count(), dossier


def test_what_they_buy_agrees_with_what_the_dossier_says(demo, today):
    first = today.replace(day=1)
    start = first.replace(year=first.year - 1)
    for dossier in held_dossiers():
        bought = MonthlySales.objects.filter(
            client=dossier.client, month__gte=start, month__lt=first
        )
        revenue = bought.aggregate(total=Sum("revenue"))["total"]
        said = dossier.budget_lines.filter(year=today.year).aggregate(total=Sum("with_us"))["total"]
        assert revenue == pytest.approx(said, rel=Decimal("0.06")), dossier
        next_year = dossier.opportunities.get(year_number=1).amount
        assert revenue * Decimal("0.8") < next_year < revenue * Decimal("1.3"), dossier


def test_growth_and_decline_agree_with_the_budgets_of_both_years(demo, today):
    first = today.replace(day=1)
    start, end = (first.replace(year=first.year - years) for years in (2, 1))
    for number in ("10101", "10201", "10302", "10402"):
        client = Client.objects.get(external_id=number)
        bought = MonthlySales.objects.filter(client=client, month__gte=start, month__lt=end)
        revenue = bought.aggregate(total=Sum("revenue"))["total"]
        lines = client.dossiers.get().budget_lines.filter(year=today.year - 1)
        said = lines.aggregate(total=Sum("with_us"))["total"]
        assert revenue == pytest.approx(said, rel=Decimal("0.10")), client


@pytest.mark.django_db
def test_the_demo_loads_on_a_leap_day_too():
    """Past revisions, quarters and contracts count calendar months back from whatever day it is."""
    loaded = loading.load(today=datetime.date(2028, 2, 29))
    assert loaded["dossiers"] == 13
    assert Review.objects.overdue(on=datetime.date(2028, 2, 29)).count() == 1


def test_a_credit_note_of_the_timeline_stands_in_the_sales(demo):
    mill = Client.objects.get(external_id="10101")
    notes = SalesLine.objects.filter(client=mill, amount=Decimal("-31000"))
    assert notes.count() == 1


def test_people_were_met_no_longer_ago_than_the_timeline_says(demo):
    for entry in TimelineEntry.objects.filter(
        kind__in=["meeting", "feedback"], stakeholder__isnull=False
    ):
        assert entry.stakeholder.last_met_on >= entry.happened_on, entry


def test_no_sentence_is_used_twice(demo):
    where = defaultdict(set)
    for model in kept_models():
        for record in model.objects.all():
            dossier_id = record.pk if model is Dossier else record.dossier_id
            for field in model._meta.concrete_fields:
                text = getattr(record, field.attname)
                if isinstance(text, str) and len(text) >= 60:
                    where[text].add(dossier_id)
    assert [text for text, dossiers in where.items() if len(dossiers) > 1] == []


def test_every_kind_of_record_has_rows_and_an_author_of_the_house(demo):
    for model in DossierRecord.__subclasses__():
        assert model.objects.exists(), model
        assert not model.objects.exclude(created_by__role__in=[Role.KAM, Role.HEAD]).exists(), model


def test_nobody_is_mailed_by_a_load(demo, mailoutbox):
    from dossiers.models import Notice

    assert Notice.objects.exists()
    assert not Notice.objects.filter(sent_at__isnull=True).exists()
    assert mailoutbox == []


def test_the_schedule_finds_nothing_left_to_do(demo, today):
    from dossiers import reviewing
    from segmentation import segmenting

    assert reviewing.raise_due_reviews(today=today) == []
    assert segmenting.request_scheduled(today=today) is None
