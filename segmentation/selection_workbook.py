"""The ranked list as a workbook: change a weight in it, and the totals and ranks follow."""

from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from segmentation import selection_words
from segmentation.ranking import Ranking
from segmentation.workbooks import Book, column_letter, pick_name

# Where the weights stand, and the first client (lines of the sheet, from 1).
HEADS, WEIGHTS, FIRST = 4, 5, 6
BEFORE = 3


def ranking_workbook(ranking: Ranking):
    """The list as an open file. Each total and rank is a formula over the weights in line 5, with its value.

    The formula is the page's: the weighted mean of the scores that there are, none under half of the weight.
    """
    book = Book()
    sheet = book.sheet(pick_name(_("Selection")))
    criteria = ranking.rules.weighty
    columns = [column_letter(BEFORE + place) for place in range(len(criteria))]
    first, last = columns[0], columns[-1]
    sheet.set_column(0, 0, 36)
    sheet.set_column(1, BEFORE + len(criteria) + 3, 13)
    sheet.write_string(0, 0, _("Selection of key clients"), book.bold)
    sheet.write_string(1, 0, selection_words.weights(ranking.rules))
    if ranking.window:
        sheet.write_string(2, 0, ranking.window.basis)
    heads = [
        _("Client"),
        _("Stage"),
        _("Segment"),
        *(one.name for one in criteria),
        _("Weight known"),
        _("Total"),
        _("Rank"),
        _("Ranks if weights move"),
    ]
    for place, head in enumerate(heads):
        sheet.write_string(HEADS - 1, place, head, book.bold)
    sheet.write_string(WEIGHTS - 1, 0, _("Weight"))
    for place, one in enumerate(criteria):
        sheet.write_number(WEIGHTS - 1, BEFORE + place, float(one.weight))
    weights = f"${first}${WEIGHTS}:${last}${WEIGHTS}"
    known_at, total_at = BEFORE + len(criteria), BEFORE + len(criteria) + 1
    total = column_letter(total_at)
    end = FIRST + len(ranking.entries) - 1
    for line, entry in enumerate(ranking.entries, start=FIRST):
        row = line - 1
        sheet.write_string(row, 0, entry.client.name)
        sheet.write_string(row, 1, str(entry.client.get_stage_display()))
        sheet.write_string(row, 2, entry.segment.letters if entry.segment else "")
        for place, scored in enumerate(entry.by(criteria)):
            if scored.score is not None:
                sheet.write_number(row, BEFORE + place, scored.score)
        own = f"{first}{line}:{last}{line}"
        known = f"SUMPRODUCT({weights}*ISNUMBER({own}))/SUM({weights})"
        sheet.write_formula(row, known_at, f"={known}", book.part, _figure(entry.total.known))
        sheet.write_formula(
            row,
            total_at,
            f'=IF({known}<0.5,"",SUMPRODUCT({weights},{own})/SUMPRODUCT({weights}*ISNUMBER({own})))',
            book.number,
            "" if entry.total.value is None else _figure(entry.total.value),
        )
        place_of = f"RANK({total}{line},${total}${FIRST}:${total}${end})"
        sheet.write_formula(
            row,
            total_at + 1,
            f'=IF(ISNUMBER({total}{line}),{place_of},"")',
            None,
            entry.place.rank or "",
        )
        sheet.write_string(row, total_at + 2, selection_words.ranks(entry.place))
    return book.done()


def _figure(value: Fraction) -> Decimal:
    return round(Decimal(value.numerator) / value.denominator, 12)
