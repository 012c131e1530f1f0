"""Drawn pieces are kept while they fit."""

from dossiers import shelf


def test_what_was_drawn_is_not_drawn_again_until_it_has_made_room():
    kept, drawn = shelf.Shelf(places=2), []

    def draw(name):
        return lambda: drawn.append(name) or name

    for name in ("a", "b", "a", "c", "a", "b"):
        assert kept.get(name, draw(name)) == name
    assert drawn == ["a", "b", "c", "b"]


def test_a_text_of_a_hundred_thousand_letters_takes_no_memory():
    kept, drawn = shelf.Shelf(), []
    for _time in range(2):
        kept.get("all", lambda: drawn.append(1) or "x" * (shelf.LONGEST + 1))
    assert len(drawn) == 2
