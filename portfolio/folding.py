"""How what a person types is compared with what stands there: words, their beginnings, their forms.

`words` folds as the database's `search_words` does (see migration 0002); a test holds them together.
Of PostgreSQL's own dictionaries nothing is used: there is none for Polish, and those for Russian and
English differ between its versions. Instead a word is looked for by its beginning, and, after that,
by its beginning without its ending, which is the same in most forms of the word.
"""

import re

from accounts.sorting import sort_key

MOST_WORDS = 8
LONGEST_WORD = 40
LONGEST_QUERY = 200

# Whatever is no letter and no figure parts words; the same list stands in migration 0002.
BETWEEN = re.compile(
    "[\x00-\x2f\x3a-\x60\x7b-\xbf\xd7\xf7\u2000-\u2bff\u3000-\u303f\ufe00-\ufe0f\U0001f000-\U0001faff]+"
)

# Endings as they look when folded (й is и, ą is a); the longest that fits is cut off.
CYRILLIC = (
    "иями ями ами иях ях ах ием иев иеи ев ов ьев ом ем ам ям ою ею ои еи ыи ии ая яя ое ее ые ие ого его ому ему "
    "ым им ых их ую юю ию ья ье ьи ью ать ять еть ить ал ял ел ил ала яла ела ила али яли ели или ает яет ует ют ут ат ят "
    "а е и о у ы ь ю я"
)
# Polish, then English.
LATIN = (
    "ami iami ach iach owi om iom iem em ego iego emu iemu ymi imi ych ich ym im owie ow ie ia iu "
    "owac owal owala owali uje uja ac ic yc al ala ali il ila ili "
    "ies es s ed ing er ers ly "
    "a e i o u y"
)
ENDINGS = {
    script: sorted(set(endings.split()), key=len, reverse=True)
    for script, endings in (("cyrillic", CYRILLIC), ("latin", LATIN))
}


def fold(text: str) -> str:
    """As names are folded to be put in order; № becomes no, so small letters are made once more."""
    return sort_key(text).lower()


def words(text: str) -> list[str]:
    """The words of a text, folded, in their order, each once: "Łódź, ŁÓDŹ 5" -> ["lodz", "5"]."""
    return list(dict.fromkeys(word[:LONGEST_WORD] for word in BETWEEN.split(fold(text)) if word))


def asked(query: str) -> list[str]:
    """The words of what a person typed; none where it is too little to look for."""
    found = words(query[:LONGEST_QUERY])[:MOST_WORDS]
    return found if any(len(word) > 1 for word in found) else []


def stem(word: str) -> str:
    """The word without its ending, where enough of it stays to mean something: "dostawami" -> "dostaw"."""
    script = "cyrillic" if "а" <= word[:1] <= "я" else "latin"
    if not word.isalpha():
        return word
    for ending in ENDINGS[script]:
        # A single vowel may go from a word of four letters: ceny, cena.
        if word.endswith(ending) and len(word) - len(ending) >= (3 if len(ending) == 1 else 4):
            return word[: -len(ending)]
    return word


def without_a_letter(word: str) -> list[str]:
    """What `search_near` keeps of a word: itself and each form with one letter left out."""
    return [word, *(word[:at] + word[at + 1 :] for at in range(len(word)))]


def marked(text: str, wanted: list[str]) -> list[tuple[str, bool]]:
    """The text in pieces, told apart by whether they are a hit: words that begin with one of `wanted`."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for found in re.finditer(r"\S+", text):
        for start, end in _parts(found[0]):
            folded = fold(found[0][start:end])
            if folded.startswith(tuple(wanted)):
                begin, stop = found.start() + start, found.start() + end
                if begin > at:
                    pieces.append((text[at:begin], False))
                pieces.append((text[begin:stop], True))
                at = stop
    if at < len(text):
        pieces.append((text[at:], False))
    return pieces


def _parts(run: str) -> list[tuple[int, int]]:
    """Where the words of a run without blanks begin and end."""
    ends = [0]
    for between in BETWEEN_WRITTEN.finditer(run):
        ends += [between.start(), between.end()]
    ends.append(len(run))
    return [(start, end) for start, end in zip(ends[::2], ends[1::2], strict=True) if end > start]


# In writing, capital letters are letters too.
BETWEEN_WRITTEN = re.compile(BETWEEN.pattern.replace("\x3a-\x60", "\x3a-\x40\x5b-\x60"))


def excerpt(text: str, wanted: list[str], *, length: int = 160) -> list[tuple[str, bool]]:
    """Some `length` letters of the text around its first hit, in pieces as `marked` gives them.

    What stood on lines of its own is parted by a point.
    """
    flat = " · ".join(" ".join(line.split()) for line in text.splitlines() if line.strip())
    pieces = marked(flat, wanted)
    if len(flat) <= length:
        return pieces
    first = 0
    for piece, is_hit in pieces:
        if is_hit:
            break
        first += len(piece)
    else:
        first = 0
    start = 0 if first < length // 2 else flat.rfind(" ", 0, max(first - length // 4, 1)) + 1
    end = flat.find(" ", start + length)
    cut = flat[start : end if 0 <= end < start + length + 40 else start + length]
    found = marked(cut, wanted)
    if start:
        found.insert(0, ("… ", False))
    if start + len(cut) < len(flat):
        found.append((" …", False))
    return found
