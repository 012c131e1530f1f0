"""Days of the demo, counted back from the day on which it is loaded."""

import calendar
import datetime
import random

from django.utils import timezone


class Days:
    """Turns "so many days ago" into dates. Nobody works at weekends: those fall back to Friday."""

    def __init__(self, today: datetime.date):
        self.today = today
        self.chance = random.Random("days")

    def ago(self, days: int) -> datetime.date:
        """The working day that lies `days` before today; negative counts forward."""
        day = self.today - datetime.timedelta(days=days)
        if days > 0 and day.weekday() > 4:
            day -= datetime.timedelta(days=day.weekday() - 4)
        return day

    def ahead(self, days: int) -> datetime.date:
        return self.ago(-days)

    def year(self, offset: int) -> int:
        return self.today.year + offset

    def written(self, text: str) -> str:
        """Years in hand-written texts: {Y} is this year, {Y-1} the last, {Y+1} the next."""
        for offset in range(-9, 10):
            mark = "{Y}" if not offset else f"{{Y{offset:+d}}}"
            text = text.replace(mark, str(self.year(offset)))
        return text.strip()


def months_before(day: datetime.date, months: int) -> datetime.date:
    """The same day so many months earlier, or the last day of a shorter month."""
    years, index = divmod(day.year * 12 + day.month - 1 - months, 12)
    return datetime.date(years, index + 1, min(day.day, calendar.monthrange(years, index + 1)[1]))


def working_day_after(day: datetime.date, number: int = 1) -> datetime.date:
    """The day so many days later, or the Monday after a weekend."""
    later = day + datetime.timedelta(days=number)
    return later + datetime.timedelta(
        days=max(0, 7 - later.weekday()) if later.weekday() > 4 else 0
    )


def first_of_month(day: datetime.date, months: int = 0) -> datetime.date:
    """The first day of the month, or of the one so many months later (earlier, when negative)."""
    years, index = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(years, index + 1, 1)


def at_work(day: datetime.date, chance: random.Random) -> datetime.datetime:
    """A moment of that working day, in the time zone of the house."""
    clock = datetime.time(chance.randint(8, 16), chance.randint(0, 59), chance.randint(0, 59))
    return timezone.make_aware(datetime.datetime.combine(day, clock))
