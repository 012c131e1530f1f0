"""The decision map and the loyalty journey matrix, whatever the size of the decision-making unit."""

import re

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from dossiers import decision_map, loyalty_matrix
from dossiers.lettering import sheet_for, width, wrap
from dossiers.map_layout import PAPER
from dossiers.models import InfluenceLine, Stakeholder
from dossiers.pieces import BY_KEY
from tests import factories


def people(*superiors, **fields):
    """Stakeholders 1, 2, 3 …; each reports to the one whose number is given, or to nobody."""
    return [
        Stakeholder(
            pk=number,
            name=f"Person {number}",
            position="Engineer",
            reports_to_id=superior,
            **fields,
        )
        for number, superior in enumerate(superiors, 1)
    ]


def line(who, whom, strength=2):
    return InfluenceLine(influencer_id=who, influenced_id=whom, strength=strength)


def overlapping(cards):
    return [
        (one.pk, other.pk)
        for one in cards
        for other in cards
        if one.pk < other.pk
        and one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    ]


FOURTEEN = (None, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4, None, None)
SHAPES = {
    "one": (None,),
    "three": (None, 1, 1),
    "nobody reports to anybody": (None,) * 9,
    "fourteen": FOURTEEN,
    "sixty under one": (None, *[1] * 59),
    "sixty in three levels": (None, *[1] * 9, *[2 + number % 9 for number in range(50)]),
    "sixty in a chain": (None, *range(1, 60)),
    "two trees": (None, 1, 1, None, 4, 4, 4),
    "a circle of three": (3, 1, 2, 1),
    "two who report to each other": (2, 1),
}


@pytest.mark.parametrize("superiors", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("room", [(1160, 1010), PAPER], ids=["screen", "paper"])
def test_everybody_has_a_card_of_his_own_on_the_sheet(superiors, room):
    drawn = decision_map.draw(people(*superiors), [], room=room)

    assert {card.pk for card in drawn.cards} == set(range(1, len(superiors) + 1))
    assert overlapping(drawn.cards) == []
    assert all(card.x >= 0 and card.x + card.width <= drawn.width for card in drawn.cards)
    assert all(card.y >= 0 and card.y + card.height <= drawn.height for card in drawn.cards)


def test_sixty_people_under_one_superior_do_not_make_an_endless_row():
    drawn = decision_map.draw(people(*SHAPES["sixty under one"]), [])
    assert drawn.width < 2 * drawn.height


def test_a_superior_stands_above_his_people_on_a_map_of_fourteen():
    drawn = decision_map.draw(people(*FOURTEEN), [])
    at = {card.pk: card for card in drawn.cards}
    assert all(at[superior].y < at[pk].y for pk, superior in enumerate(FOURTEEN, 1) if superior)


def test_people_who_report_in_a_circle_are_drawn_and_named():
    drawn = decision_map.draw(people(3, 1, 2), [])

    assert len(drawn.circles) == 1
    assert "Person 1" in drawn.notes[0]
    assert "Person 3" in drawn.notes[0]


def test_lines_of_influence_are_kept_apart_from_lines_of_reporting():
    drawn = decision_map.draw(people(None, 1, 1), [line(2, 3), line(3, 1, strength=3)])

    assert [influence.strength for influence in drawn.influences] == [2, 3]
    assert all("C" in influence.path for influence in drawn.influences)  # curves
    assert all("C" not in path for path in drawn.reporting)  # square lines
    assert float(drawn.influences[0].stroke) < float(drawn.influences[1].stroke)


def test_a_line_to_somebody_of_another_dossier_is_left_out():
    assert decision_map.draw(people(None, 99), [line(1, 99)]).influences == ()


def test_a_place_without_a_name_is_drawn_as_not_identified():
    stakeholder = Stakeholder(pk=1, position="Head of reliability", roles=["influencer"], stance=0)

    page = render_to_string(
        "dossiers/_decision_map.html", {"map": decision_map.draw([stakeholder], [])}
    )

    assert "Not identified" in page
    assert "dm-placeholder" in page


def test_the_map_says_stance_and_influence_in_words_and_leads_to_the_entry():
    stakeholder = Stakeholder(
        pk=7,
        name="Beata Rogalska",
        position="Head of purchasing",
        roles=["decider"],
        influence=8,
        stance=-1,
    )

    page = render_to_string(
        "dossiers/_decision_map.html", {"map": decision_map.draw([stakeholder], [])}
    )

    assert 'href="#stakeholder-7"' in page
    assert "Beata Rogalska: Head of purchasing; Decider; influence 8 of 10; Opponent" in page
    assert re.search(r"\sstyle=", page) is None  # the Content Security Policy refuses it


@pytest.mark.parametrize("language", ["en", "pl", "ru"])
def test_no_locale_puts_a_comma_into_a_coordinate(language, settings):
    settings.USE_THOUSAND_SEPARATOR = True
    crowd = people(*SHAPES["sixty in three levels"], stance=1, loyalty=1, readiness=2)
    lines = [line(number, number + 7) for number in range(1, 50)]
    with translation.override(language):
        page = render_to_string(
            "dossiers/_decision_map.html", {"map": decision_map.draw(crowd, lines)}
        )
        page += render_to_string(
            "dossiers/_loyalty_matrix.html", {"matrix": loyalty_matrix.draw(crowd, {})}
        )
    measures = re.findall(
        r' (?:x|y|cx|cy|r|d|width|height|viewBox|transform|x1|x2)="([^"]*)"', page
    )
    assert len(measures) > 500
    assert [measure for measure in measures if "," in measure or "\xa0" in measure] == []


@pytest.mark.parametrize(
    ("width_and_height", "sheet"),
    [
        ((690, 860), "upright"),
        ((1400, 640), "wide"),
        ((1100, 1800), "tall"),
        ((2100, 1000), "large"),
    ],
)
def test_a_map_is_printed_on_the_smallest_sheet_on_which_it_can_be_read(width_and_height, sheet):
    assert sheet_for(*width_and_height) == sheet


def test_an_empty_unit_has_no_map():
    drawn = decision_map.draw([], [])
    assert drawn.is_empty
    assert render_to_string("dossiers/_decision_map.html", {"map": drawn}).strip() == ""


def test_text_that_is_too_long_for_a_card_ends_in_an_ellipsis():
    lines = wrap(
        "Заместитель генерального директора по закупкам и логистике", into=120, size=11, lines=2
    )

    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert all(width(text, 11) <= 120 for text in lines)


def test_one_word_longer_than_the_card_is_cut():
    assert wrap("Donaudampfschifffahrtsgesellschaft", into=60, size=11, lines=2)[0].endswith("…")


# ── The loyalty journey matrix ───────────────────────────────────────────────────────────────


def test_dots_and_names_never_collide_however_many_stand_in_one_cell():
    crowd = people(*[None] * 40, loyalty=1, readiness=3, influence=9)

    drawn = loyalty_matrix.draw(crowd, {})

    places = {(dot.x, dot.y) for dot in drawn.dots}
    assert len(places) == 40
    assert all(
        abs(one.y - other.y) >= 20 or abs(one.x - other.x) >= 100
        for one in drawn.dots
        for other in drawn.dots
        if one.pk != other.pk
    )


def test_more_loyalty_stands_higher_and_more_readiness_further_right():
    low, high = people(None, None)
    low.loyalty, low.readiness = -2, 0
    high.loyalty, high.readiness = 2, 4

    first, second = sorted(loyalty_matrix.draw([low, high], {}).dots, key=lambda dot: dot.pk)

    assert first.y > second.y
    assert first.x < second.x


def test_the_trail_tells_where_a_stakeholder_stood_before(dossier, django_assert_num_queries):
    anna = factories.entry("stakeholders", dossier, name="Anna Buyer", loyalty=-1, readiness=1)
    anna.loyalty, anna.readiness = 0, 2
    anna.save()
    anna.influence = 9  # no move, so no stop
    anna.save()
    anna.loyalty = 2
    anna.save()

    with django_assert_num_queries(1):
        trail = loyalty_matrix.trail(dossier)
    drawn = loyalty_matrix.draw(BY_KEY["stakeholders"].records(dossier), trail)

    assert [(stop.loyalty, stop.readiness) for stop in trail[anna.pk]] == [(-1, 1), (0, 2), (2, 2)]
    [way] = drawn.ways
    assert len(way.rings) == 2
    assert "−1 / 1" in drawn.rows[0].before


def test_the_trail_of_another_dossier_is_not_told(dossier, others_dossier):
    factories.entry("stakeholders", others_dossier, name="Anna Buyer")
    assert loyalty_matrix.trail(dossier) == {}
