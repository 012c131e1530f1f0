"""Going through a revision on its page, and the head's decision."""

import datetime

import pytest

from dossiers import editing, putting_back, reviewing
from dossiers.models import Review, ReviewState
from dossiers.pieces import BY_KEY
from dossiers.sections import REVIEWED
from tests import factories

OPENED = datetime.date(2026, 8, 1)
TODAY = datetime.date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_args, **_kwargs: TODAY)


@pytest.fixture
def dossier(head, kam):
    return factories.dossier(kam=kam, by=head, name="Huta Północ", today=OPENED)


@pytest.fixture
def review(dossier):
    [review] = reviewing.raise_due_reviews(today=TODAY)
    return review


def step(browser, review, section):
    """What the button beside the section sends, as it stands on the page."""
    page = browser.get(f"/revisions/{review.pk}/")
    return {"section": section, "seen_at": page.context["seen_at"]}


def delete(record, key, *, by):
    record.refresh_from_db()
    editing.delete(
        BY_KEY[key], dossier=record.dossier, pk=record.pk, data={"version": record.version}, by=by
    )


def clicks(browser, review):
    for section in REVIEWED:
        sent = step(browser, review, section)
        assert browser.post(f"/revisions/{review.pk}/go-through/", sent).status_code == 302


@pytest.mark.django_db
def test_an_unchanged_dossier_is_revised_in_seven_clicks_from_the_start_page(
    as_kam, as_head, review, dossier
):
    start = as_kam.get("/").content.decode()
    assert f'href="/revisions/{review.pk}/"' in start  # 1
    page = as_kam.get(f"/revisions/{review.pk}/").content.decode()
    assert page.count("Still true") == len(REVIEWED)
    clicks(as_kam, review)  # 2 to 6
    answer = as_kam.post(
        f"/revisions/{review.pk}/submit/", {"summary": "A quiet quarter."}, follow=True
    )  # 7
    assert "A sales head now accepts it or returns it." in answer.content.decode()
    assert "Huta Północ" in as_head.get("/revisions/").content.decode()
    answer = as_head.post(f"/revisions/{review.pk}/accept/", {"note": "Thank you."}, follow=True)
    page = answer.content.decode()
    assert "The date of the next revision is set." in page
    assert "21 Feb 2027" in page
    dossier.refresh_from_db()
    assert dossier.next_review_on == datetime.date(2027, 2, 21)


@pytest.mark.django_db
def test_in_place_each_step_brings_the_part_back_with_the_next_one_ahead(as_kam, review):
    answer = as_kam.post(
        f"/revisions/{review.pk}/go-through/",
        step(as_kam, review, "general"),
        headers={"HX-Request": "true"},
    )
    part = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in part
    assert "gone through 21 Nov 2026, Karol Kam" in part
    assert "4 to go" in part
    assert part.count("autofocus") == 1
    assert "HX-Request" in answer["Vary"]


@pytest.mark.django_db
def test_submitting_too_early_names_what_is_left_and_keeps_the_summary(as_kam, review):
    answer = as_kam.post(f"/revisions/{review.pk}/submit/", {"summary": "A quiet quarter."})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Not gone through yet: General information, The client as we see it" in page
    assert "A quiet quarter." in page
    review.refresh_from_db()
    assert review.state == ReviewState.RAISED


@pytest.mark.django_db
def test_returning_needs_a_note_and_the_kam_reads_it(as_kam, as_head, review):
    clicks(as_kam, review)
    as_kam.post(f"/revisions/{review.pk}/submit/")
    answer = as_head.post(f"/revisions/{review.pk}/return/", {"note": " "})
    assert answer.status_code == 422
    assert "Say what is missing, so that the KAM knows what to do." in answer.content.decode()
    as_head.post(f"/revisions/{review.pk}/return/", {"note": "Who signs at the second plant?"})
    page = as_kam.get(f"/revisions/{review.pk}/").content.decode()
    assert "Who signs at the second plant?" in page
    assert "all gone through" in page
    assert "Who signs at the second plant?" in as_kam.get("/").content.decode()


@pytest.mark.django_db
def test_the_page_tells_every_step_with_who_and_when(as_kam, as_head, review):
    clicks(as_kam, review)
    as_kam.post(f"/revisions/{review.pk}/submit/", {"summary": "First try."})
    as_head.post(f"/revisions/{review.pk}/return/", {"note": "Who signs?"})
    as_kam.post(f"/revisions/{review.pk}/submit/", {"summary": "Second try."})
    page = as_head.get(f"/revisions/{review.pk}/").content.decode()
    steps = page[page.index("Steps so far") :]
    assert steps.index("Second try.") < steps.index("Who signs?") < steps.index("First try.")
    assert steps.count("Karol Kam") == 2
    assert "by the schedule" in steps


@pytest.mark.django_db
def test_a_step_out_of_turn_is_refused_with_a_sentence(as_kam, as_head, review):
    answer = as_head.post(f"/revisions/{review.pk}/accept/", {"note": ""})
    assert answer.status_code == 422
    plan = step(as_kam, review, "plan")
    clicks(as_kam, review)
    as_kam.post(f"/revisions/{review.pk}/submit/")
    answer = as_kam.post(f"/revisions/{review.pk}/go-through/", plan)
    assert answer.status_code == 422
    assert "This revision is submitted already" in answer.content.decode()


@pytest.mark.django_db
def test_another_kam_finds_nothing_and_colleagues_are_told_why(
    as_other_kam, as_kam, as_analyst, as_colleague, as_admin, review
):
    steps = ("go-through", "submit")
    decisions = ("accept", "return")
    assert as_other_kam.get(f"/revisions/{review.pk}/").status_code == 404
    for step in steps:
        assert (
            as_other_kam.post(f"/revisions/{review.pk}/{step}/", {"section": "plan"}).status_code
            == 404
        )
    for browser in (as_analyst, as_colleague, as_admin):
        assert browser.get("/revisions/").status_code == 403
        assert browser.get(f"/revisions/{review.pk}/").status_code == 403
        for step in (*steps, *decisions):
            assert browser.post(f"/revisions/{review.pk}/{step}/").status_code == 403
    for decision in decisions:
        assert (
            as_kam.post(f"/revisions/{review.pk}/{decision}/", {"note": "Fine by me."}).status_code
            == 403
        )
    assert "Huta" not in as_other_kam.get("/revisions/").content.decode()
    review.refresh_from_db()
    assert review.state == ReviewState.RAISED


@pytest.mark.django_db
def test_the_list_has_the_overdue_first_and_a_tab_for_each_state(
    as_head, head, kam, other_kam, review
):
    late = factories.dossier(
        kam=other_kam, by=head, name="Завод Восток", today=datetime.date(2026, 7, 1)
    )
    reviewing.raise_due_reviews(today=TODAY)
    page = as_head.get("/revisions/?state=all").content.decode()
    assert page.index("Завод Восток") < page.index("Huta Północ")
    assert "Overdue" in page
    assert "Karol Kam" in page
    assert late.client.name not in as_head.get("/revisions/?state=accepted").content.decode()
    assert as_head.get("/revisions/?state=nonsense&page=x").status_code == 200


@pytest.mark.django_db
def test_a_kam_begins_his_revision_from_the_list_when_the_scheduler_sleeps(
    as_kam, as_other_kam, dossier
):
    assert "Begin the revision" in as_kam.get("/revisions/").content.decode()
    assert as_other_kam.post(f"/revisions/begin/{dossier.pk}/").status_code == 404
    answer = as_kam.post(f"/revisions/begin/{dossier.pk}/")
    assert answer.url == f"/revisions/{Review.objects.get().pk}/"


@pytest.mark.django_db
def test_beginning_too_early_says_from_when_on(as_kam, kam, head):
    young = factories.dossier(kam=kam, by=head, today=TODAY)
    answer = as_kam.post(f"/revisions/begin/{young.pk}/", follow=True)
    assert "can be begun from 10 Jan 2027 on" in answer.content.decode()
    assert not Review.objects.exists()


@pytest.mark.django_db
def test_without_any_revision_the_page_says_when_the_next_comes(as_kam, kam, head):
    assert (
        "three months after a client becomes a key client"
        in as_kam.get("/revisions/").content.decode()
    )
    factories.dossier(kam=kam, by=head, name="Nowa Huta", today=TODAY)
    assert (
        "The next revision is that of Nowa Huta, due on 21 Feb 2027."
        in as_kam.get("/revisions/").content.decode()
    )


@pytest.mark.django_db
def test_the_list_asks_the_database_as_often_for_twenty_as_for_two(
    as_head, head, django_assert_num_queries
):
    def raised(number):
        for _ in range(number):
            factories.dossier(kam=factories.kam(), by=head, today=OPENED)
        reviewing.raise_due_reviews(today=TODAY)

    raised(2)
    as_head.get("/revisions/?state=all")
    with django_assert_num_queries(4):
        as_head.get("/revisions/?state=all")
    raised(18)
    with django_assert_num_queries(4):
        as_head.get("/revisions/?state=all")


@pytest.mark.django_db
def test_a_summary_that_cannot_be_kept_submits_nothing(as_kam, review):
    clicks(as_kam, review)
    answer = as_kam.post(f"/revisions/{review.pk}/submit/", {"summary": "Quiet\0quarter"})
    assert answer.status_code == 422
    review.refresh_from_db()
    assert review.submitted_on is None


@pytest.mark.django_db(transaction=True)
def test_what_somebody_else_wrote_meanwhile_is_not_confirmed_unseen(
    as_kam, kam, as_head, head, review, dossier
):
    sent = step(as_kam, review, "plan")
    factories.entry("actions", dossier, title="Send the sample", by=head)
    own = factories.entry("actions", dossier, title="Call the plant", by=kam, today=OPENED)
    answer = as_kam.post(f"/revisions/{review.pk}/go-through/", sent)
    assert answer.status_code == 422
    assert "“Send the sample” (action, Helena Head)" in answer.content.decode()
    own.refresh_from_db()
    assert own.confirmed_on == OPENED
    assert not review.sections.exists()
    # the page that comes back shows it, and what one wrote oneself is in nobody's way
    again = {"section": "plan", "seen_at": answer.context["seen_at"]}
    assert as_kam.post(f"/revisions/{review.pk}/go-through/", again).status_code == 302
    own.refresh_from_db()
    assert own.confirmed_on == TODAY


@pytest.mark.django_db(transaction=True)
def test_what_somebody_else_deleted_meanwhile_is_not_confirmed_unseen(
    as_kam, kam, head, review, dossier
):
    known = factories.entry("actions", dossier, title="Call the plant", by=head, today=OPENED)
    promise = factories.entry("actions", dossier, title="Send the sample", by=head)
    own = factories.entry("actions", dossier, title="A slip of the hand", by=kam)
    sent = step(as_kam, review, "plan")
    delete(promise, "actions", by=head)
    delete(own, "actions", by=kam)
    answer = as_kam.post(f"/revisions/{review.pk}/go-through/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "“Send the sample (deleted)” (action, Helena Head)" in page
    assert "A slip of the hand" not in page
    assert not review.sections.exists()
    # the page that comes back was drawn without it, and nobody is asked about it a second time
    again = {"section": "plan", "seen_at": answer.context["seen_at"]}
    assert as_kam.post(f"/revisions/{review.pk}/go-through/", again).status_code == 302
    known.refresh_from_db()
    assert known.confirmed_on == TODAY


@pytest.mark.django_db(transaction=True)
def test_a_deletion_that_took_others_along_names_them_all(as_kam, head, review, dossier):
    buyer = factories.entry("stakeholders", dossier, name="Anna Kowalska", by=head)
    engineer = factories.entry("stakeholders", dossier, name="Jan Nowak", by=head)
    factories.entry("influence", dossier, influencer=engineer, influenced=buyer, by=head)
    sent = step(as_kam, review, "decision")
    delete(buyer, "stakeholders", by=head)
    answer = as_kam.post(f"/revisions/{review.pk}/go-through/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "“Anna Kowalska (deleted)” (stakeholder, Helena Head)" in page
    assert "Jan Nowak" in page
    putting_back.bring_back(BY_KEY["stakeholders"], dossier=dossier, pk=buyer.pk, by=head)
    answer = as_kam.post(f"/revisions/{review.pk}/go-through/", sent)
    assert "“Anna Kowalska” (stakeholder, Helena Head)" in answer.content.decode()
    assert "(deleted)" not in answer.content.decode()


@pytest.mark.django_db
def test_a_step_that_does_not_say_what_was_seen_confirms_nothing(as_kam, review):
    for seen_at in ("", "yesterday", "2026-11-21T10:00:00", "0001-01-01T00:00:00+00:00"):
        sent = {"section": "plan", "seen_at": seen_at}
        answer = as_kam.post(f"/revisions/{review.pk}/go-through/", sent)
        assert answer.status_code == 422
        assert "did not say what you had seen" in answer.content.decode()
    assert not review.sections.exists()
