"""Drawn pieces are kept while they fit."""

from accounts import shelf


def test_a_text_of_a_hundred_thousand_letters_takes_no_memory():
    kept, drawn = shelf.Shelf(), []
    for _time in range(2):
        kept.get("all", lambda: drawn.append(1) or "x" * (shelf.LONGEST + 1))
    assert len(drawn) == 2
