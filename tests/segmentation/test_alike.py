"""Whether two clients may be one: tax ids and names compared by rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation import alike
from segmentation.alike import SAME, SIMILAR, doubts, likeness, one_letter_apart, tax_id, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PL 521-300-37-00", "5213003700"),
        ("NIP: 521 300 37 00", "PL5213003700"),
        ("DE 123456789", "de-123.456.789"),
        ("GR 123456789", "EL123456789"),
        ("ИНН 7707083893", "7707083893"),
        ("ЄДРПОУ 00010501", "00010501"),
        ("ESB12345678", "B-12345678"),
    ],
)
def test_the_same_tax_id_written_otherwise_agrees(one, other):
    assert tax_id(one).agrees(tax_id(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("PL 5213003700", "DE 5213003700"), ("5213003700", "5213003701"), ("B12345678", "A12345678")],
)
def test_other_tax_ids_do_not_agree(one, other):
    assert not tax_id(one).agrees(tax_id(other))


@pytest.mark.parametrize(
    "nothing", ["", "  ", "-", "brak", "PL", "0000000000", "n/a", "12345", "PL 000"]
)
def test_what_is_no_tax_id_is_never_compared(nothing):
    assert tax_id(nothing) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Huta Wierzbnica S.A.", "HUTA WIERZBNICA SPÓŁKA AKCYJNA"),
        ("Karo-Lew sp. z o.o.", "Karolew Sp. z o. o. sp. k."),
        ("Zakłady Mięsne Łódź", "ZAKLADY MIESNE LODZ Sp.j."),
        ("Müller Werkzeuge GmbH & Co. KG", "Muller Werkzeuge AG"),
        ("ООО «Ромашка»", "Ромашка, ОАО"),
        ("ИП Семёнов", "Семенов"),
        ("ТОВ «Галицькі олійні заводи»", "Галицькі олійні заводи, ПрАТ"),
        ("Acme Trading Ltd.", "Acme Trading LLC"),
        ("Smith and Sons Limited", "Smith & Sons"),
        ("P.P.H.U. Kowal", "PPHU KOWAL"),
        ("Novák s.r.o.", "Novak, spol. s r.o."),
    ],
)
def test_the_same_name_but_for_form_case_accents_and_punctuation(one, other):
    assert likeness(words(one), words(other)) == SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Browar Stary Folwark", "Stary Folwark Browar sp. z o.o."),
        ("Fabryka Ostrowek", "Fabryka Ostrówsk S.A."),
        ("Castellane Interiors", "Castelane Interiors"),
        ("Завод Восточный", "ООО Завод Восточныйй"),
    ],
)
def test_similar_names_are_told(one, other):
    assert likeness(words(one), words(other)) == SIMILAR


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Client 13085", "Client 13086"),
        ("Werk Nord", "Werk Nort"),  # a short word with another letter is another word
        ("Huta Wierzbnica", "Huta Wierzbnica Serwis"),
        ("Fabryka Ostrowek", "Fabrika Ostrowsk"),  # two words differ
        ("S.A.", "Sp. z o.o."),
        ("SA Logistics", "Logistics"),  # a form of the end does not stand at the beginning
        ("", "Huta"),
    ],
)
def test_other_names_are_not_alike(one, other):
    assert likeness(words(one), words(other)) == ""


def test_a_name_that_is_nothing_but_a_form_stays():
    assert words("S.A.") == ("sa",)
    assert words("И") == ("и",)


def test_a_new_client_is_doubted_against_those_standing_and_those_new_beside_it():
    standing = [
        (1, "Huta Północ S.A."),
        (2, "Tartak Las"),
        (7, "Huta Polnoc"),
        (8, "HUTA PÓŁNOC sp. z o.o."),
    ]
    found = doubts({7: "Huta Polnoc", 8: "HUTA PÓŁNOC sp. z o.o."}, standing)
    assert found == [(7, 1, SAME), (8, 1, SAME), (8, 7, SAME)]


def test_a_name_that_very_many_share_says_nothing():
    crowd = dict.fromkeys(range(1, 200), "Jan Kowalski")
    assert doubts(crowd, crowd.items()) == []
    assert doubts({1: "AB"}, [(2, "AB")]) == []


def test_no_more_than_three_doubts_of_one_client_the_same_names_first():
    standing = [(1, "Stal Gryfin"), (2, "Gryfin Stal"), (3, "Gryfin Stal"), (4, "Gryfin Stal SA")]
    assert [doubt.candidate for doubt in doubts({9: "Gryfin Stal"}, standing)] == [2, 3, 4]


NAMES = st.lists(st.text("bcdąłжщ", min_size=1, max_size=9), min_size=1, max_size=4).map(" ".join)


@given(NAMES, st.sampled_from(["S.A.", "sp. z o.o.", "GmbH & Co. KG", "Ltd", "ООО"]))
def test_a_legal_form_never_makes_another_name(name, form):
    if "".join(words(name)) and words(name) == alike._split(name):
        assert likeness(words(name), words(f"{name.upper()}, {form}")) == SAME


@given(NAMES, NAMES)
def test_to_be_alike_is_mutual_and_found_whenever_it_is_so(one, other):
    said = likeness(words(one), words(other))
    assert said == likeness(words(other), words(one))
    told = [] if len("".join(words(one))) < 3 else doubts({2: one}, [(1, other), (2, one)])
    assert [doubt.reason for doubt in told] == (
        [said] if said and len("".join(words(one))) > 2 else []
    )


@given(st.text("abc", min_size=6, max_size=8), st.integers(0, 7), st.sampled_from("abcd"))
def test_a_letter_added_left_out_or_replaced_is_one_letter(word, at, letter):
    at = min(at, len(word) - 1)
    assert one_letter_apart(word, word[:at] + letter + word[at:])
    assert one_letter_apart(word, word[:at] + word[at + 1 :])
    assert one_letter_apart(word, word[:at] + letter + word[at + 1 :]) == (letter != word[at])
    assert not one_letter_apart(word, word)
