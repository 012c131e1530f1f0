"""Earlier values are put back, and deleted entries brought back: as ordinary changes, held to every rule."""

import datetime

import pytest

from accounts.models import User
from dossiers import editing, history, opening, putting_back
from dossiers.models import CriterionScore, InfluenceLine, Stakeholder, Tie, TimelineEntry
from dossiers.pieces import BY_KEY
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = factories.TODAY
LATER = TODAY + datetime.timedelta(days=9)


def rewrite(piece, record, dossier, by, **data):
    record.refresh_from_db()
    return editing.change(
        BY_KEY[piece],
        dossier=dossier,
        pk=record.pk,
        data={"version": record.version, **data},
        by=by,
        today=TODAY,
        partial=True,
    )


def delete(piece, record, dossier, by):
    record.refresh_from_db()
    editing.delete(
        BY_KEY[piece], dossier=dossier, pk=record.pk, data={"version": record.version}, by=by
    )


def put_back(piece, record, dossier, by, *names, of, seen=None, **more):
    record.refresh_from_db()
    return putting_back.put_back(
        BY_KEY[piece],
        dossier=dossier,
        pk=record.pk,
        names=names,
        of=of,
        seen=record.version if seen is None else seen,
        by=by,
        today=LATER,
        **more,
    )


def bring_back(piece, record, dossier, by):
    return putting_back.bring_back(BY_KEY[piece], dossier=dossier, pk=record.pk, by=by)


# ── Earlier values ───────────────────────────────────────────────────────────────────────────


def test_an_earlier_value_is_put_back_as_a_change_of_who_did_it(head, kam, dossier):
    contract = factories.entry("contracts", dossier, subject="Bearings", value=1000)
    rewrite("contracts", contract, dossier, kam, subject="Seals", value=2000)
    record = put_back("contracts", contract, dossier, head, "subject", of=1)
    contract.refresh_from_db()
    assert (contract.subject, contract.value) == ("Bearings", 2000)
    assert (contract.version, record.version) == (3, 3)
    assert (contract.updated_by, contract.confirmed_by) == (head, head)
    assert contract.confirmed_on == LATER
    told = history.of_entry(BY_KEY["contracts"], dossier, contract.pk)[0]
    assert (told.what, told.by) == ("changed", head)
    assert [(change.before, change.after) for change in told.changes] == [("Seals", "Bearings")]


def test_a_whole_entry_is_put_back_as_it_stood(kam, dossier):
    contract = factories.entry("contracts", dossier, subject="Bearings", value=1000)
    rewrite("contracts", contract, dossier, kam, subject="Seals", value=2000)
    rewrite("contracts", contract, dossier, kam, number="9/2026")
    put_back("contracts", contract, dossier, kam, of=1)
    contract.refresh_from_db()
    assert (contract.subject, contract.value, contract.number) == ("Bearings", 1000, "1/2026")


def test_several_choices_tags_dates_and_amounts_come_back_as_they_were(kam, dossier):
    general = dossier.general
    rewrite("identity", general, dossier, kam, industries=["Steel", "Wire"])
    rewrite("identity", general, dossier, kam, industries=["Paper"])
    put_back("identity", general, dossier, kam, "industries", of=2)
    general.refresh_from_db()
    assert general.industries == ["Steel", "Wire"]
    person = factories.entry(
        "stakeholders", dossier, roles=["decider", "user"], last_met_on=TODAY, covered_by=kam
    )
    rewrite("stakeholders", person, dossier, kam, roles=["buyer"], last_met_on="", covered_by="")
    put_back("stakeholders", person, dossier, kam, of=1)
    person.refresh_from_db()
    assert person.roles == ["decider", "user"]
    assert (person.last_met_on, person.covered_by) == (TODAY, kam)


def test_nothing_is_put_back_over_what_somebody_wrote_meanwhile(head, kam, dossier):
    contract = factories.entry("contracts", dossier, subject="Bearings")
    rewrite("contracts", contract, dossier, kam, subject="Seals")
    rewrite("contracts", contract, dossier, head, subject="Belts")
    with pytest.raises(editing.ChangedMeanwhile, match=r"Helena Head changed it.*subject"):
        put_back("contracts", contract, dossier, kam, "subject", of=1, seen=2)
    contract.refresh_from_db()
    assert contract.subject == "Belts"


def test_what_others_wrote_in_other_fields_stays(head, kam, dossier):
    contract = factories.entry("contracts", dossier, subject="Bearings", number="1")
    rewrite("contracts", contract, dossier, kam, subject="Seals")
    rewrite("contracts", contract, dossier, head, number="2")
    put_back("contracts", contract, dossier, kam, "subject", of=1, seen=2)
    contract.refresh_from_db()
    assert (contract.subject, contract.number) == ("Bearings", "2")


@pytest.mark.parametrize(("of", "seen"), [("", 2), (1, ""), (7, 2), (1, 9), ("x", 2), (1, "0")])
def test_without_versions_that_ever_were_nothing_is_put_back(kam, dossier, of, seen):
    contract = factories.entry("contracts", dossier, subject="Bearings")
    rewrite("contracts", contract, dossier, kam, subject="Seals")
    with pytest.raises(editing.VersionMissing):
        put_back("contracts", contract, dossier, kam, "subject", of=of, seen=seen)


def test_what_pointed_to_a_deleted_entry_cannot_be_put_back_before_that_is_back(kam, dossier):
    person = factories.entry("stakeholders", dossier, name="Anna Nowak")
    talk = factories.entry("timeline", dossier, stakeholder=person)
    rewrite("timeline", talk, dossier, kam, stakeholder="")
    delete("stakeholders", person, dossier, kam)
    with pytest.raises(putting_back.TargetDeleted, match="“Anna Nowak” was deleted"):
        put_back("timeline", talk, dossier, kam, "stakeholder", of=1)
    bring_back("stakeholders", person, dossier, kam)
    put_back("timeline", talk, dossier, kam, "stakeholder", of=1)
    talk.refresh_from_db()
    assert talk.stakeholder == person


def test_somebody_who_left_is_not_put_back(kam, dossier):
    leaver = factories.person(name="Gone Person")
    action = factories.entry("actions", dossier, owner=leaver)
    rewrite("actions", action, dossier, kam, owner=kam.pk)
    User.objects.filter(pk=leaver.pk).update(is_active=False)
    with pytest.raises(putting_back.TargetDeleted, match="Gone Person does not work here any more"):
        put_back("actions", action, dossier, kam, "owner", of=1)
    action.refresh_from_db()
    assert action.owner == kam


def test_a_rule_that_forbids_it_is_named(kam, dossier):
    talk = factories.entry("timeline", dossier, kind="complaint", resolved_on=TODAY)
    rewrite("timeline", talk, dossier, kam, resolved_on="")
    rewrite("timeline", talk, dossier, kam, happened_on=TODAY + datetime.timedelta(days=3))
    with pytest.raises(putting_back.AgainstTheRules, match="cannot be resolved before it happened"):
        put_back("timeline", talk, dossier, kam, "resolved_on", of=1)
    talk.refresh_from_db()
    assert talk.resolved_on is None


def test_nobody_is_put_back_above_himself(kam, dossier):
    boss = factories.entry("stakeholders", dossier, name="Boss")
    clerk = factories.entry("stakeholders", dossier, name="Clerk", reports_to=boss)
    rewrite("stakeholders", clerk, dossier, kam, reports_to="")
    rewrite("stakeholders", boss, dossier, kam, reports_to=clerk.pk)
    with pytest.raises(putting_back.AgainstTheRules, match="above itself"):
        put_back("stakeholders", clerk, dossier, kam, "reports_to", of=1)


def test_what_was_given_up_for_anothers_value_can_still_be_had(head, kam, dossier):
    contract = factories.entry("contracts", dossier, subject="Bearings")
    rewrite("contracts", contract, dossier, head, subject="Belts")
    editing.change(
        BY_KEY["contracts"],
        dossier=dossier,
        pk=contract.pk,
        data={"version": 2, "subject": "Seals", "contested": ["subject"], "pick-subject": "theirs"},
        by=kam,
        today=TODAY,
        partial=True,
    )
    told = history.of_entry(BY_KEY["contracts"], dossier, contract.pk)[0]
    [value] = told.given_up
    assert (value.text, value.can_be_put_back) == ("Seals", True)
    put_back("contracts", contract, dossier, kam, "subject", of=value.version, given_up=True)
    contract.refresh_from_db()
    assert contract.subject == "Seals"


def test_only_who_may_edit_puts_back(kam, other_kam, head, analyst, dossier):
    contract = factories.entry("contracts", dossier, subject="Bearings")
    rewrite("contracts", contract, dossier, kam, subject="Seals")
    for stranger in (other_kam, analyst):
        with pytest.raises(editing.NotEditable):
            put_back("contracts", contract, dossier, stranger, "subject", of=1)
    opening.release_key(dossier, to="regular", by=head, reason="Sold.", today=TODAY)
    with pytest.raises(editing.NotEditable):
        put_back("contracts", contract, dossier, head, "subject", of=1)


# ── Deleted entries ──────────────────────────────────────────────────────────────────────────


def test_a_deleted_entry_comes_back_as_the_one_it_was(head, kam, dossier):
    contract = factories.entry("contracts", dossier, subject="Bearings", value=1000, by=kam)
    rewrite("contracts", contract, dossier, kam, subject="Seals")
    before = type(contract).objects.get(pk=contract.pk)
    delete("contracts", contract, dossier, kam)
    back = bring_back("contracts", contract, dossier, head)
    assert (back.along, back.left) == (0, 0)
    contract.refresh_from_db()
    assert contract.version == before.version + 1
    assert contract.updated_by == head
    for name in ("subject", "value", "number", "created_at", "created_by", "confirmed_on"):
        assert getattr(contract, name) == getattr(before, name), name
    told = history.of_entry(BY_KEY["contracts"], dossier, contract.pk)
    assert [(one.what, one.by) for one in told[:3]] == [
        ("returned", head), ("deleted", kam), ("changed", kam),
    ]  # fmt: skip
    # It goes on as any other entry: edited, put back, deleted again.
    put_back("contracts", contract, dossier, kam, "subject", of=1)
    delete("contracts", contract, dossier, kam)
    bring_back("contracts", contract, dossier, kam)
    contract.refresh_from_db()
    assert contract.subject == "Bearings"


def test_what_was_deleted_with_it_comes_back_with_it(kam, dossier):
    anna = factories.entry("stakeholders", dossier, name="Anna")
    piotr = factories.entry("stakeholders", dossier, name="Piotr")
    line = factories.entry("influence", dossier, influencer=anna, influenced=piotr)
    tie = factories.entry("ties", dossier, colleague=kam, stakeholder=anna, strength=3)
    talk = factories.entry("timeline", dossier, stakeholder=anna)
    answer = factories.entry("surveys", dossier, stakeholder=anna)
    delete("stakeholders", anna, dossier, kam)
    assert not InfluenceLine.objects.exists()
    back = bring_back("stakeholders", anna, dossier, kam)
    assert (back.along, back.left) == (2, 0)
    assert InfluenceLine.objects.get() == line
    assert (Tie.objects.get(), Tie.objects.get().strength) == (tie, 3)
    # What only lost its pointer points to her again.
    for entry in (talk, answer):
        entry.refresh_from_db()
        assert entry.stakeholder == anna


def test_a_pointer_that_was_set_anew_meanwhile_stays(kam, dossier):
    anna = factories.entry("stakeholders", dossier, name="Anna")
    piotr = factories.entry("stakeholders", dossier, name="Piotr")
    talk = factories.entry("timeline", dossier, stakeholder=anna)
    delete("stakeholders", anna, dossier, kam)
    rewrite("timeline", talk, dossier, kam, stakeholder=piotr.pk)
    bring_back("stakeholders", anna, dossier, kam)
    assert TimelineEntry.objects.get().stakeholder == piotr


def test_scores_come_back_with_their_competitor_or_criterion(kam, dossier):
    rival = factories.entry("competitors", dossier)
    speed = factories.entry("criteria", dossier, name="Speed")
    price = factories.entry("criteria", dossier, name="Price")
    for criterion in (speed, price):
        factories.entry("scores", dossier, criterion=criterion, competitor=rival)
    delete("competitors", rival, dossier, kam)
    delete("criteria", price, dossier, kam)
    back = bring_back("competitors", rival, dossier, kam)
    # The score for the price needs its criterion: it stays deleted, and that is said.
    assert (back.along, back.left) == (1, 1)
    bring_back("criteria", price, dossier, kam)
    assert CriterionScore.objects.count() == 1
    gone = history.of_piece(BY_KEY["scores"], dossier).deleted
    putting_back.bring_back(BY_KEY["scores"], dossier=dossier, pk=gone[0].pk, by=kam)
    assert CriterionScore.objects.count() == 2


def test_only_what_went_with_this_deletion_comes_back(kam, dossier):
    anna = factories.entry("stakeholders", dossier, name="Anna")
    piotr = factories.entry("stakeholders", dossier, name="Piotr")
    line = factories.entry("influence", dossier, influencer=anna, influenced=piotr)
    delete("influence", line, dossier, kam)
    delete("stakeholders", anna, dossier, kam)
    assert bring_back("stakeholders", anna, dossier, kam).along == 0
    assert not InfluenceLine.objects.exists()


def test_an_entry_whose_parent_is_deleted_waits_for_it(kam, dossier):
    board = factories.entry("structure", dossier, name="Board")
    buying = factories.entry("structure", dossier, name="Buying", parent=board)
    delete("structure", buying, dossier, kam)
    delete("structure", board, dossier, kam)
    with pytest.raises(putting_back.TargetDeleted, match="“Board”, which was deleted too"):
        bring_back("structure", buying, dossier, kam)
    bring_back("structure", board, dossier, kam)
    assert bring_back("structure", buying, dossier, kam).record.parent_id == board.pk


def test_a_place_that_was_taken_meanwhile_is_named(kam, dossier):
    first = factories.entry("opportunity", dossier, year_number=2, amount=1000)
    delete("opportunity", first, dossier, kam)
    second = factories.entry("opportunity", dossier, year_number=2, amount=2000)
    with pytest.raises(putting_back.AgainstTheRules, match="opportunity of this year stands here"):
        bring_back("opportunity", first, dossier, kam)
    delete("opportunity", second, dossier, kam)
    assert bring_back("opportunity", first, dossier, kam).record.amount == 1000


def test_what_stands_is_not_brought_back_and_what_never_stood_neither(kam, dossier, others_dossier):
    contract = factories.entry("contracts", dossier)
    with pytest.raises(putting_back.StandsAlready):
        bring_back("contracts", contract, dossier, kam)
    theirs = factories.entry("contracts", others_dossier)
    theirs.delete()
    with pytest.raises(editing.Gone):
        putting_back.bring_back(BY_KEY["contracts"], dossier=dossier, pk=theirs.pk or 1, by=kam)
    with pytest.raises(editing.NotOfAList):
        bring_back("story", dossier.relationship, dossier, kam)


def test_only_who_may_edit_brings_back(kam, other_kam, dossier):
    contract = factories.entry("contracts", dossier)
    delete("contracts", contract, dossier, kam)
    with pytest.raises(editing.NotEditable):
        bring_back("contracts", contract, dossier, other_kam)


@pytest.mark.parametrize(
    "key", [piece.key for piece in BY_KEY.values() if not piece.is_sheet and piece.key != "header"]
)
def test_an_entry_of_every_list_is_brought_back(kam, dossier, key):
    values = {}
    if key in ("ties", "influence"):
        anna = factories.entry("stakeholders", dossier, name="Anna")
        piotr = factories.entry("stakeholders", dossier, name="Piotr")
        values = (
            {"stakeholder": anna, "colleague": kam}
            if key == "ties"
            else {"influencer": anna, "influenced": piotr}
        )
    if key == "white-space":
        values = {"unit": factories.entry("structure", dossier)}
    if key == "scores":
        values = {"criterion": factories.entry("criteria", dossier)}
    record = factories.entry(key, dossier, **values)
    record.refresh_from_db()
    before = {
        field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields
    }
    delete(key, record, dossier, kam)
    gone = history.of_piece(BY_KEY[key], dossier).deleted
    assert [(one.pk, one.by) for one in gone] == [(before["id"], kam)]
    assert gone[0].entry
    putting_back.bring_back(BY_KEY[key], dossier=dossier, pk=before["id"], by=kam)
    back = type(record).objects.get(pk=before["id"])
    for name, value in before.items():
        if name not in ("version", "updated_at", "updated_by_id"):
            assert getattr(back, name) == value, name
    assert history.of_piece(BY_KEY[key], dossier).deleted == []


def test_a_stakeholder_is_known_by_the_trail_of_before(kam, dossier):
    """The loyalty journey goes on where it was left."""
    person = factories.entry("stakeholders", dossier, loyalty=-1)
    rewrite("stakeholders", person, dossier, kam, loyalty=1)
    delete("stakeholders", person, dossier, kam)
    bring_back("stakeholders", person, dossier, kam)
    events = Stakeholder.pgh_event_model.objects.filter(pgh_obj_id=person.pk)
    assert list(events.order_by("pgh_id").values_list("version", "loyalty", "pgh_label")) == [
        (1, -1, "insert"), (2, 1, "update"), (2, 1, "delete"), (3, 1, "insert"),
    ]  # fmt: skip
