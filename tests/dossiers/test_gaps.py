"""What is missing in a decision-making unit is said in a sentence, and only when it is missing."""

import datetime

import pytest

from accounts.models import User
from dossiers import gaps
from dossiers.gaps import GapKind
from dossiers.models import Stakeholder

TODAY = datetime.date(2026, 11, 21)
AGNIESZKA = User(pk=1, name="Agnieszka Nowak")
TOMASZ = User(pk=2, name="Tomasz Bielak")


def days_ago(number):
    return TODAY - datetime.timedelta(days=number)


def somebody(name="Beata Rogalska", **fields):
    fields = {
        "position": "Head of purchasing",
        "last_met_on": days_ago(10),
        "covered_by": AGNIESZKA,
        **fields,
    }
    return Stakeholder(name=name, **fields)


def kinds(*people):
    return [gap.kind for gap in gaps.find(people, today=TODAY)]


@pytest.fixture
def healthy():
    """A unit without a gap: a decider and a champion, both met lately, by two people of ours."""
    return [
        somebody("Andrzej Mróz", roles=["decider"], influence=9, stance=1),
        somebody(
            "Krzysztof Pająk", roles=["champion", "user"], influence=7, stance=2, covered_by=TOMASZ
        ),
    ]


def test_a_unit_that_is_in_order_has_no_gaps(healthy):
    assert gaps.find(healthy, today=TODAY) == []


def test_an_empty_unit_lacks_a_decider_and_a_champion():
    assert kinds() == [GapKind.NO_DECIDER, GapKind.NO_CHAMPION]


def test_a_decider_of_whom_only_the_position_is_known_counts_as_a_gap(healthy):
    healthy[0].name = ""
    healthy[0].position = "Technical director"

    [gap] = [gap for gap in gaps.find(healthy, today=TODAY) if gap.kind == GapKind.NO_DECIDER]

    assert "Technical director" in gap.sentence
    assert gap.stakeholders == (healthy[0],)


def test_a_champion_without_a_name_does_not_speak_for_us(healthy):
    healthy[1].name = ""
    assert GapKind.NO_CHAMPION in kinds(*healthy)


def test_the_most_influential_friend_is_proposed_as_champion(healthy):
    healthy[1].roles = ["user"]

    [gap] = gaps.find(healthy, today=TODAY)

    assert gap.kind == GapKind.NO_CHAMPION
    assert "Andrzej Mróz" in gap.what_to_do


@pytest.mark.parametrize(
    ("influence", "stance", "named"), [(7, -1, True), (10, -2, True), (6, -2, False), (7, 0, False)]
)
def test_an_opponent_is_named_from_influence_seven_on(healthy, influence, stance, named):
    opponent = somebody("Marek Zdunek", influence=influence, stance=stance)
    assert (GapKind.STRONG_OPPONENT in kinds(*healthy, opponent)) is named


def test_a_contact_that_only_one_of_ours_keeps_is_named(healthy):
    healthy[1].covered_by = AGNIESZKA

    [gap] = gaps.find(healthy, today=TODAY)

    assert gap.kind == GapKind.SINGLE_THREADED
    assert "Agnieszka Nowak" in gap.sentence


def test_only_one_person_met_in_ninety_days_is_named(healthy):
    healthy[1].last_met_on = days_ago(91)
    healthy[1].influence = 4  # too little to be missed for himself

    [gap] = gaps.find(healthy, today=TODAY)

    assert gap.kind == GapKind.SINGLE_THREADED
    assert gap.stakeholders == (healthy[0],)


@pytest.mark.parametrize(
    ("influence", "met", "named"),
    [(5, days_ago(91), True), (5, days_ago(90), False), (5, None, True), (4, None, False)],
)
def test_silence_is_named_from_influence_five_on_and_after_ninety_days(
    healthy, influence, met, named
):
    third = somebody("Elżbieta Marchwińska", influence=influence, last_met_on=met)
    assert (GapKind.SILENT in kinds(*healthy, third)) is named


def test_nobody_waits_for_a_meeting_with_somebody_who_is_not_identified(healthy):
    place = somebody("", influence=8, last_met_on=None)
    assert kinds(*healthy, place) == []


def test_silence_says_since_when_it_lasts(healthy):
    third = somebody("Elżbieta Marchwińska", influence=6, last_met_on=days_ago(163))

    [gap] = gaps.find([*healthy, third], today=TODAY)

    assert "Elżbieta Marchwińska" in gap.sentence
    assert "163" in gap.sentence
