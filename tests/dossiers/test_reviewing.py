"""The quarterly revision as a rule: raised, gone through, submitted, returned, accepted, told by e-mail."""

import datetime
from concurrent.futures import ThreadPoolExecutor
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from accounts import assigning, mailing
from dossiers import notifying, opening, reviewing, tasks
from dossiers.models import Dossier, Notice, Review, ReviewState
from dossiers.sections import REVIEWED
from tests import factories

OPENED = datetime.date(2026, 8, 21)
DUE = datetime.date(2026, 11, 21)
A_FORTNIGHT_BEFORE = datetime.date(2026, 11, 7)


@pytest.fixture
def dossier(head, kam):
    return factories.dossier(kam=kam, by=head, name="Huta Północ & Co", today=OPENED)


@pytest.fixture
def review(dossier):
    [review] = reviewing.raise_due_reviews(today=A_FORTNIGHT_BEFORE)
    return review


def gone_through(review, by, today=DUE):
    for section in REVIEWED:
        reviewing.go_through(review, section=section, seen_at=timezone.now(), by=by, today=today)
    return review


def submitted(review, by, today=DUE):
    return reviewing.submit(
        gone_through(review, by, today), by=by, today=today, summary="A quiet quarter."
    )


@pytest.mark.parametrize(
    ("last", "due"),
    [
        ((2026, 8, 21), (2026, 11, 21)),
        ((2026, 11, 30), (2027, 2, 28)),
        ((2027, 11, 30), (2028, 2, 29)),
        ((2026, 7, 1), (2026, 10, 1)),
        ((2026, 12, 31), (2027, 3, 31)),
    ],
)
def test_the_next_revision_is_three_calendar_months_later(last, due):
    assert reviewing.next_review_date(datetime.date(*last)) == datetime.date(*due)


def test_every_day_of_four_years_keeps_the_database_s_bound_of_92_days():
    day = datetime.date(2026, 1, 1)
    while day.year < 2030:
        assert 89 <= (reviewing.next_review_date(day) - day).days <= 92
        day += datetime.timedelta(days=1)


@pytest.mark.django_db
def test_a_revision_is_raised_a_fortnight_ahead_and_not_before(dossier):
    assert reviewing.raise_due_reviews(today=A_FORTNIGHT_BEFORE - datetime.timedelta(days=1)) == []
    [review] = reviewing.raise_due_reviews(today=A_FORTNIGHT_BEFORE)
    assert (review.dossier, review.due_on, review.state) == (dossier, DUE, ReviewState.RAISED)


@pytest.mark.django_db
def test_raised_twice_is_raised_once_and_told_once_to_kam_deputy_and_heads(
    dossier, head, other_head, kam, other_kam
):
    assigning.appoint_deputy(dossier.client, to=other_kam, by=head, today=OPENED)
    assert len(reviewing.raise_due_reviews(today=A_FORTNIGHT_BEFORE)) == 1
    assert reviewing.raise_due_reviews(today=A_FORTNIGHT_BEFORE) == []
    assert reviewing.raise_due_reviews(today=DUE) == []
    assert Review.objects.count() == 1
    told = Notice.objects.values_list("person", flat=True)
    assert sorted(told) == sorted(person.pk for person in (head, other_head, kam, other_kam))


@pytest.mark.django_db
def test_after_three_weeks_without_a_scheduler_each_is_raised_once(head, kam, other_kam):
    for number in range(5):
        factories.dossier(kam=kam if number < 3 else other_kam, by=head, today=OPENED)
    three_weeks_late = DUE + datetime.timedelta(days=21)
    assert len(reviewing.raise_due_reviews(today=three_weeks_late)) == 5
    assert reviewing.raise_due_reviews(today=three_weeks_late) == []
    assert all(review.is_overdue(today=three_weeks_late) for review in Review.objects.all())
    assert Notice.objects.filter(person=head).count() == 5
    assert Notice.objects.filter(person=kam).count() == 3


def at_once(act, times):
    """Run it in that many threads, each with a database connection of its own."""

    def alone(_number):
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=times) as pool:
        return list(pool.map(alone, range(times)))


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_raise_each_revision_and_send_each_message_once(
    head, kam, other_kam
):
    for number in range(6):
        factories.dossier(kam=kam if number < 3 else other_kam, by=head, today=OPENED)
    raised = at_once(lambda: len(reviewing.raise_due_reviews(today=DUE)), times=4)
    assert sum(raised) == Review.objects.count() == 6
    assert Notice.objects.count() == 12
    sent = at_once(notifying.deliver_notices, times=4)
    assert sum(sent) == len(mail.outbox) == 12
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 12


@pytest.mark.django_db
def test_the_scheduled_task_may_ring_twice(dossier, monkeypatch):
    monkeypatch.setattr("dossiers.tasks.timezone.localdate", lambda: DUE)
    assert tasks.raise_due_reviews() == 1
    assert tasks.raise_due_reviews() == 0
    assert len(mail.outbox) == 2  # the head and the KAM


@pytest.mark.django_db
def test_a_closed_dossier_is_not_revised(dossier, head):
    opening.release_key(dossier, to="regular", by=head, reason="They buy too little.", today=DUE)
    assert reviewing.raise_due_reviews(today=DUE) == []


@pytest.mark.django_db
def test_a_kam_goes_through_submits_and_the_head_accepts(review, dossier, kam, head):
    submitted(review, kam, today=DUE)
    accepted_on = DUE + datetime.timedelta(days=4)
    reviewing.accept(review, by=head, today=accepted_on, note="Thank you.")
    review.refresh_from_db()
    dossier.refresh_from_db()
    assert (review.state, review.submitted_by, review.decided_by) == (
        ReviewState.ACCEPTED,
        kam,
        head,
    )
    assert (dossier.last_reviewed_on, dossier.next_review_on) == (DUE, datetime.date(2027, 2, 21))
    assert review.snapshot["records"]["generalinformation"][0]["legal_name"] == "Huta Północ & Co"
    assert reviewing.raise_due_reviews(today=accepted_on) == []
    assert len(reviewing.raise_due_reviews(today=datetime.date(2027, 2, 7))) == 1


@pytest.mark.django_db
def test_a_revision_with_sections_left_is_not_submitted_and_they_are_named(review, kam):
    reviewing.go_through(review, section="general", seen_at=timezone.now(), by=kam, today=DUE)
    with pytest.raises(reviewing.SectionsLeft, match="How they decide, Competitors, Plan"):
        reviewing.submit(review, by=kam, today=DUE)
    review.refresh_from_db()
    assert review.state == ReviewState.RAISED


@pytest.mark.django_db
def test_going_through_a_section_confirms_what_stands_in_it(review, dossier, kam):
    stakeholder = factories.entry("stakeholders", dossier, today=OPENED)
    action = factories.entry("actions", dossier, today=OPENED)
    reviewing.go_through(review, section="decision", seen_at=timezone.now(), by=kam, today=DUE)
    stakeholder.refresh_from_db()
    action.refresh_from_db()
    assert (stakeholder.confirmed_on, stakeholder.confirmed_by) == (DUE, kam)
    assert action.confirmed_on == OPENED
    with pytest.raises(reviewing.ReviewRefused):
        reviewing.go_through(review, section="figures", seen_at=timezone.now(), by=kam, today=DUE)


@pytest.mark.django_db
def test_a_returned_revision_keeps_what_was_gone_through_and_comes_back(review, kam, head):
    submitted(review, kam)
    with pytest.raises(reviewing.ReasonMissing):
        reviewing.return_(review, by=head, today=DUE, note="  ")
    reviewing.return_(review, by=head, today=DUE, note="Who signs?")
    review.refresh_from_db()
    assert review.state == ReviewState.RETURNED
    assert review.sections.count() == len(REVIEWED)
    reviewing.submit(review, by=kam, today=DUE)
    reviewing.accept(review, by=head, today=DUE)
    review.refresh_from_db()
    assert review.state == ReviewState.ACCEPTED


@pytest.mark.django_db
def test_a_second_return_on_the_same_day_is_told_again(review, kam, head):
    submitted(review, kam)
    reviewing.return_(review, by=head, today=DUE, note="Who signs?")
    notifying.deliver_notices()
    reviewing.submit(review, by=kam, today=DUE)
    reviewing.return_(review, by=head, today=DUE, note="And who pays?")
    mail.outbox.clear()
    notifying.deliver_notices()
    [to_kam] = [message for message in mail.outbox if message.to == [kam.email]]
    assert "And who pays?" in to_kam.body


@pytest.mark.django_db
def test_others_take_no_step_in_a_revision(review, kam, other_kam, head, analyst):
    for stranger in (other_kam, analyst):
        with pytest.raises(reviewing.NotYours):
            reviewing.go_through(
                review, section="general", seen_at=timezone.now(), by=stranger, today=DUE
            )
    gone_through(review, kam)
    with pytest.raises(reviewing.WrongState):
        reviewing.accept(review, by=head, today=DUE)
    reviewing.submit(review, by=kam, today=DUE)
    for act in (reviewing.accept, reviewing.return_):
        with pytest.raises(reviewing.NotYours):
            act(review, by=kam, today=DUE, note="Fine by me.")
    with pytest.raises(reviewing.WrongState):
        reviewing.submit(review, by=kam, today=DUE)
    reviewing.accept(review, by=head, today=DUE)
    with pytest.raises(reviewing.WrongState):
        reviewing.return_(review, by=head, today=DUE, note="Too late.")


@pytest.mark.django_db
def test_a_kam_begins_his_revision_without_the_scheduler(dossier, kam, other_kam):
    early = DUE - datetime.timedelta(days=reviewing.BEGIN_DAYS_AHEAD)
    with pytest.raises(reviewing.TooEarly, match="can be begun from"):
        reviewing.begin(dossier, by=kam, today=early - datetime.timedelta(days=1))
    with pytest.raises(reviewing.NotYours):
        reviewing.begin(dossier, by=other_kam, today=early)
    review = reviewing.begin(dossier, by=kam, today=early)
    assert reviewing.begin(dossier, by=kam, today=early) == review
    assert reviewing.raise_due_reviews(today=DUE) == []


@pytest.mark.django_db
def test_an_overdue_dossier_waits_for_the_head_once_submitted(review, dossier, kam):
    later = DUE + datetime.timedelta(days=1)
    assert list(Dossier.objects.overdue(on=DUE)) == []
    assert list(Dossier.objects.overdue(on=later)) == [dossier]
    assert list(Review.objects.overdue(on=later)) == [review]
    submitted(review, kam, today=later)
    assert list(Dossier.objects.overdue(on=later)) == []
    assert list(Review.objects.overdue(on=later)) == []


@pytest.mark.django_db
def test_everyone_is_told_in_his_own_language_with_the_link(review, dossier, kam, head, settings):
    settings.KAM_URL = "https://kam.example.com"
    kam.language = "pl"
    kam.save()
    notifying.deliver_notices()
    by_person = {message.to[0]: message for message in mail.outbox}
    assert by_person[head.email].subject == "Huta Północ & Co: revision due on 21 Nov 2026"
    assert "21.11.2026" in by_person[kam.email].subject
    for message in mail.outbox:
        assert f"https://kam.example.com/revisions/{review.pk}/" in message.body
        assert "Huta Północ & Co" in message.body
        assert "\n\n\n" not in message.body


@pytest.mark.django_db
def test_a_message_that_comes_late_says_that_it_is_overdue(dossier, kam):
    reviewing.raise_due_reviews(today=DUE + datetime.timedelta(days=21))
    notifying.deliver_notices()
    assert all("It is overdue." in message.body for message in mail.outbox)


@pytest.mark.django_db
def test_each_occasion_has_its_message_and_each_goes_out_once(review, dossier, kam, head):
    notifying.deliver_notices()
    submitted(review, kam)
    notifying.deliver_notices()
    reviewing.return_(review, by=head, today=DUE, note="Who signs?")
    notifying.deliver_notices()
    reviewing.submit(
        review, by=kam, today=DUE + datetime.timedelta(days=1), summary="Now with the signer."
    )
    notifying.deliver_notices()
    reviewing.accept(review, by=head, today=DUE + datetime.timedelta(days=1), note="Good.")
    notifying.deliver_notices()
    assert notifying.deliver_notices() == 0
    to_kam = [message.body for message in mail.outbox if message.to == [kam.email]]
    to_head = [message.body for message in mail.outbox if message.to == [head.email]]
    assert len(to_kam) == 3
    assert "Who signs?" in to_kam[1]
    assert "22 February 2027" in to_kam[2]
    assert len(to_head) == 3
    assert "A quiet quarter." in to_head[1]


@pytest.mark.django_db
def test_whoever_handed_the_client_over_is_not_told_about_it(review, dossier, head, kam, other_kam):
    assigning.assign(dossier.client, to=other_kam, by=head, today=DUE)
    notifying.deliver_notices()
    assert kam.email not in {address for message in mail.outbox for address in message.to}
    assert not Notice.objects.filter(sent_at__isnull=True).exists()


def refusing_for(monkeypatch, refusal, *people):
    """The mail server takes no e-mail to these people; without people, none at all."""
    send = EmailBackend.send_messages
    addresses = [person.email for person in people]

    def refuse(self, messages):
        if not people or messages[0].to[0] in addresses:
            raise refusal
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    return lambda: monkeypatch.setattr(EmailBackend, "send_messages", send)


NO_SUCH_MAILBOX = SMTPRecipientsRefused({"helena@example.com": (550, b"no such mailbox")})


@pytest.mark.django_db
@pytest.mark.parametrize("refusal", [NO_SUCH_MAILBOX, SMTPServerDisconnected("hung up"), OSError()])
def test_one_address_that_the_server_refuses_holds_up_nobody(review, head, monkeypatch, refusal):
    mend = refusing_for(monkeypatch, refusal, head)
    assert notifying.deliver_notices() == 1
    [owed] = Notice.objects.filter(sent_at__isnull=True)
    assert (owed.person, owed.attempts) == (head, 1)
    assert notifying.deliver_notices() == 0  # not at once again
    mend()
    assert notifying.deliver_notices(now=owed.retry_at) == 1


@pytest.mark.django_db
def test_an_address_that_is_refused_for_a_day_is_given_up_and_the_administrator_told(
    review, head, as_admin, as_head, monkeypatch
):
    mend = refusing_for(monkeypatch, NO_SUCH_MAILBOX, head)
    begun = now = timezone.now()
    for _try in range(200):  # the scheduler rings every five minutes, for two days and more
        notifying.deliver_notices(now=now)
        now += datetime.timedelta(minutes=20)
    [owed] = Notice.objects.filter(sent_at__isnull=True)
    assert owed.attempts == mailing.TRIES
    assert owed.given_up_at - begun < datetime.timedelta(hours=24)
    page = as_admin.get("/").content.decode()
    assert "E-mails that could not be sent" in page
    assert head.email in page
    assert "no such mailbox" in page
    assert "could not be sent" not in as_head.get("/").content.decode()
    mend()
    assert notifying.deliver_notices(now=now) == 0
    assert as_head.post(f"/undelivered/{head.pk}/").status_code == 403
    assert as_admin.post(f"/undelivered/{head.pk}/").status_code == 302
    assert notifying.deliver_notices(now=now) == 1


@pytest.mark.django_db
def test_while_the_mail_server_is_away_nothing_is_given_up(review, head, monkeypatch):
    mend = refusing_for(monkeypatch, ConnectionRefusedError("nobody there"))
    for _try in range(20):
        assert notifying.deliver_notices() == 0
    assert not Notice.objects.filter(attempts__gt=0).exists()
    mend()
    assert notifying.deliver_notices() == 2
