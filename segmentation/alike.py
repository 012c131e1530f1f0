"""Whether two clients may be one: tax ids and names compared by rule. No database here.

Tax ids are equal when nothing is left between them but blanks, dashes, a label ("NIP") and the prefix of the
country, unless two different countries stand there. No checksum is asked for: a mistyped id equals no other.

Names are folded (case, accents, punctuation), freed of their legal form, and then
- the *same*, when the letters are the same: "Karo-Lew Sp. z o.o." and "KAROLEW S.A.";
- *similar*, when the same words stand in another order, or when all words are the same but one of
  six letters or more that differs by one letter added, left out or another ("Ostrowek", "Ostrowsk").
Words with figures in them are never similar: "Plant 12" and "Plant 13" are two.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from accounts.sorting import sort_key

SAME, SIMILAR = "same_name", "similar_name"
# A word from this length on may differ by one letter; in shorter ones one letter makes another word.
LONG_WORD = 6
# A name that so many new clients share says nothing of any of them.
COMMON = 50
# Doubts told of one new client: the first ones decide, more would only hide other clients' doubts.
MOST_DOUBTS = 3

# ── Tax ids ──────────────────────────────────────────────────────────────────────────────────

# Prefixes of VAT numbers in the European Union (EL is Greece, XI Northern Ireland) and of some neighbours.
COUNTRY = re.compile(
    "AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI"
    "|AL|BA|BY|CH|GB|GE|IS|KZ|LI|MD|ME|MK|NO|RS|RU|TR|UA|UK|UZ"
)
SAME_COUNTRY = {"GR": "EL", "UK": "GB"}
# What people write before the id itself: Polish, German, Russian, Ukrainian, Kazakh, English.
LABELS = re.compile(
    "^(?:NIP|ЄДРПОУ|USTIDNR|USTID|UID|ИНН|INN|БИН|BIN|VATID|VATNO|VAT|TAXID)(?=.{6})"
)
SHORTEST_TAX_ID = 6


class TaxId(NamedTuple):
    """`country` is empty where none is written."""

    country: str
    number: str

    def agrees(self, other: "TaxId") -> bool:
        return self.number == other.number and (
            self.country == other.country or not self.country or not other.country
        )


def tax_id(text: str) -> TaxId | None:
    """What of a tax id is compared; None where nothing can be: empty, too short, or one figure repeated."""
    bare = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).upper()))
    bare = LABELS.sub("", bare)
    country = bare[:2] if COUNTRY.match(bare) and any(map(str.isdigit, bare[2:])) else ""
    number = bare[len(country) :]
    if len(number) < SHORTEST_TAX_ID or len(set(number)) == 1:
        return None
    return TaxId(SAME_COUNTRY.get(country, country), number)


# ── Names ────────────────────────────────────────────────────────────────────────────────────

# Legal forms by language, as people write them; they stand behind the name, or before it.
BEHIND = {
    "Polish": "sp. z o.o.; sp. z o.o. sp.k.; sp. z o.o. sp. komandytowa; spółka z o.o.; z o.o.; S.A.; SA w likwidacji; "
    "spółka z ograniczoną odpowiedzialnością; spółka akcyjna; sp.k.; sp. komandytowa; spółka komandytowa; "
    "sp.j.; sp. jawna; spółka jawna; s.c.; spółka cywilna; s.k.a.; P.S.A.; prosta spółka akcyjna",
    "English": "Ltd; Limited; LLC; LLP; PLC; Inc; Incorporated; Corp; Corporation; Co; Company; Co. Ltd; L.P.; Pty Ltd",
    "German": "GmbH; mbH; GmbH & Co. KG; GmbH & Co; AG; AG & Co. KG; KG; OHG; oHG; e.K.; eK; UG; "
    "UG haftungsbeschränkt; SE; KGaA; e.V.; eG; Gesellschaft mit beschränkter Haftung; Aktiengesellschaft",
    "French": "S.A.R.L.; S.A.S.; S.A.S.U.; S.A.; E.U.R.L.; S.N.C.",
    "Italian": "S.p.A.; S.r.l.; S.n.c.; S.a.s.",
    "Spanish, Portuguese": "S.L.; S.L.U.; S.A.U.; S.A. de C.V.; Lda; Ltda",
    "Dutch, Belgian": "B.V.; N.V.; BVBA",
    "Czech, Slovak": "s.r.o.; spol. s r.o.; a.s.; v.o.s.; k.s.",
    "Hungarian, Romanian": "Kft; Zrt; Nyrt; S.R.L.",
    "Nordic": "AB; A/S; ApS; AS; ASA; Oy; Oyj",
    "Baltic, Balkan": "UAB; SIA; OÜ; d.o.o.; d.d.; EOOD; OOD",
    "Russian": "ООО; ОАО; ЗАО; ПАО; НАО; АО; ТОО; ИП; ЧП; ГУП; МУП; ФГУП; УП; ЧУП; ОДО",
    "Ukrainian": "ТОВ; ПрАТ; ПАТ; АТ; ФОП; ДП",
}
BEFORE = {
    "Russian": "ООО; ОАО; ЗАО; ПАО; НАО; АО; ТОО; ИП; ЧП; ГУП; МУП; ФГУП; УП; ЧУП; ОДО; "
    "общество с ограниченной ответственностью; акционерное общество; публичное акционерное общество; "
    "закрытое акционерное общество; открытое акционерное общество; индивидуальный предприниматель; "
    "товарищество с ограниченной ответственностью",
    "Ukrainian": "ТОВ; ПрАТ; ПАТ; АТ; ФОП; ДП; товариство з обмеженою відповідальністю",
    "Russian in Latin letters": "OOO; OAO; ZAO; PAO; TOO",
    "Polish": "P.P.H.U.; P.H.U.; P.P.H.; F.H.U.; P.U.H.; spółka akcyjna; spółka z o.o.",
    "Lithuanian, Latvian, Bulgarian": "UAB; SIA; OÜ; ET; EOOD; OOD",
}
# Ways to write "and" in a name; the sign & is punctuation.
AND = frozenset({"and", "und", "et", "oraz", "i", "и"})
_BETWEEN = re.compile(r"[^\w]+|_")


def _split(name: str) -> tuple[str, ...]:
    # Points only shorten words ("S.A."), everything else parts them.
    return tuple(word for word in _BETWEEN.split(sort_key(name).replace(".", "")) if word)


def _forms(table: Mapping[str, str]) -> frozenset[tuple[str, ...]]:
    """Each form with its points left out and with blanks in their place: "s.a." is sa and s a."""
    forms = set()
    for line in table.values():
        for form in line.split(";"):
            forms.add(_split(form))
            forms.add(_split(form.replace(".", " ").replace("/", "")))
    return frozenset(forms)


_BEHIND, _BEFORE = _forms(BEHIND), _forms(BEFORE)
_LONGEST = max(map(len, _BEHIND | _BEFORE))


def words(name: str) -> tuple[str, ...]:
    """The words of a name that are compared: "Huta Wierzbnica Sp. z o.o." -> ("huta", "wierzbnica").

    A name that is nothing but a legal form stays as it is.
    """
    left = tuple(word for word in _split(name) if word not in AND) or _split(name)
    while left:
        for length in range(min(_LONGEST, len(left) - 1), 0, -1):
            if left[-length:] in _BEHIND:
                left = left[:-length]
                break
            if left[:length] in _BEFORE:
                left = left[length:]
                break
        else:
            break
    return left


def one_letter_apart(one: str, other: str) -> bool:
    """Whether one letter added, left out or replaced by another makes the words equal; equal ones are not."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    at = next((at for at, letter in enumerate(short) if letter != long[at]), len(short))
    return short[at + (len(short) == len(long)) :] == long[at + 1 :]


def likeness(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    """SAME, SIMILAR or nothing, of what `words` gave."""
    if not one or not other:
        return ""
    if "".join(one) == "".join(other):
        return SAME
    if set(one) == set(other):
        return SIMILAR
    if len(one) == len(other):
        apart = [(mine, its) for mine, its in zip(one, other, strict=True) if mine != its]
        if len(apart) == 1 and all(map(_may_differ, apart[0])) and one_letter_apart(*apart[0]):
            return SIMILAR
    return ""


def _may_differ(word: str) -> bool:
    return len(word) >= LONG_WORD and word.isalpha()


def _keys(named: tuple[str, ...]) -> Iterator[str]:
    """Two names that are alike share one of these at least.

    A letter that differs stands in the first or in the second half of its word: of six letters
    or more either the first three or the last three are the same.
    """
    yield "=" + "".join(named)
    yield "#" + " ".join(sorted(set(named)))
    for at, word in enumerate(named):
        if _may_differ(word):
            others = " ".join((*named[:at], "*", *named[at + 1 :]))
            yield f"<{word[:3]} {others}"
            yield f">{word[-3:]} {others}"


class Doubt(NamedTuple):
    """The new client and the one that it may be, by their ids; `reason` is SAME or SIMILAR."""

    client: int
    candidate: int
    reason: str


def doubts(new: Mapping[int, str], standing: Iterable[tuple[int, str]]) -> list[Doubt]:
    """Which of the new clients (id → name) may be one of those standing (id, name), at most three of each.

    `standing` may hold the new ones too: of two of them the one with the greater id is in doubt.
    It is gone through once; kept are only the names of the new ones.
    """
    named = {
        client: found for client, name in new.items() if len("".join(found := words(name))) > 2
    }
    index: dict[str, list[int]] = {}
    for client, found in named.items():
        for key in _keys(found):
            index.setdefault(key, []).append(client)
    if not index:
        return []
    alike: dict[int, list[tuple[bool, int, str]]] = {}
    for candidate, name in standing:
        found = named.get(candidate) or words(name)
        near = {
            client
            for key in _keys(found)
            if len(clients := index.get(key, ())) <= COMMON
            for client in clients
        }
        for client in near:
            if client == candidate or (candidate in named and client < candidate):
                continue
            if reason := likeness(named[client], found):
                alike.setdefault(client, []).append((reason != SAME, candidate, reason))
    return [
        Doubt(client, candidate, reason)
        for client in sorted(alike)
        for _order, candidate, reason in sorted(alike[client])[:MOST_DOUBTS]
    ]
