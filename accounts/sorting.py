"""Order that people expect from names in Latin and Cyrillic letters.

The database orders by code point (the embedded PostgreSQL carries no ICU), so every list that is
shown by name is ordered by a key computed here and stored beside the name.
"""

import unicodedata

# Letters that Unicode does not decompose into a base letter and an accent.
_BASE_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ё": "е"}
)


def sort_key(name: str) -> str:
    """Case and accents folded away, blanks collapsed: "  Łódź  Stal" -> "lodz stal".

    What people search for goes through here too, so a NUL, which PostgreSQL refuses in texts, is dropped.
    """
    folded = unicodedata.normalize("NFKD", name.casefold().translate(_BASE_LETTERS))
    bare = "".join(
        letter for letter in folded if letter != "\0" and not unicodedata.combining(letter)
    )
    return " ".join(bare.split())
