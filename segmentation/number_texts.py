"""Typed values as the texts that people would have written, for files that hold numbers and dates as such."""

import datetime
import struct
from itertools import count

# A spreadsheet program counts days from here (it takes 1900 for a leap year, hence the 30th).
FIRST_DAY = datetime.datetime(1899, 12, 30)  # noqa: DTZ001  (a day of the calendar, in no zone)
FIRST_DAY_1904 = datetime.datetime(1904, 1, 1)  # noqa: DTZ001


def number_text(number: float, *, digits: int = 15) -> str:
    """A number as people write it, without the noise of floating point.

    Fifteen significant digits, as spreadsheet programs show: every decimal number of so many digits comes
    through exactly, and 6 × 2.55 is 15.3. Whole numbers come through whole, never as 5.3E+15.
    """
    if number != number or number in (float("inf"), float("-inf")):
        return str(number)
    if number == int(number) and abs(number) < 1e22:
        return str(int(number))
    text = f"{number:.{digits}g}"
    _mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    return f"{number:.{max(digits - 1 - int(exponent), 0)}f}".rstrip("0").rstrip(".")


def short_number_text(number: float) -> str:
    """The same of a number that was kept in four bytes: the fewest digits that make the same four."""
    four = struct.pack("f", number)
    for digits in count(6):
        text = number_text(number, digits=digits)
        if digits == 9 or struct.pack("f", float(text)) == four:
            return text
    raise AssertionError("nine digits tell all numbers of four bytes apart")


def date_text(days: float, *, starts_1904: bool = False) -> str:
    """The date that a spreadsheet program shows for a number of days, in ISO; what can be none stays a number."""
    if 0 <= days < 1:
        seconds = round(days * 86400)
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    try:
        moment = (FIRST_DAY_1904 if starts_1904 else FIRST_DAY) + datetime.timedelta(
            seconds=round(days * 86400)
        )
    except (OverflowError, ValueError):
        return number_text(days)
    if moment.hour == moment.minute == moment.second == 0:
        return moment.date().isoformat()
    return moment.isoformat()
