"""Figures over all rows, found once and kept until one of the rows changes.

Triggers write a `Change` for each statement that changes a watched table (they are put on by the migration
`portfolio.0004_watched_tables`), in the transaction of the statement. The changes of a subject that one sees are
therefore a set that only grows, and grows in the same moment in which the change itself can be seen: while the
set is the same, so is all that was computed from those tables. No largest number would do for that, because a
transaction that began earlier may end later.

Kept is in the memory of the process: what one process knows, another finds for itself.
"""

import datetime
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from threading import Lock
from typing import Any, TypeVar

from django.db import connection

from accounts.models import Change

T = TypeVar("T")

ROOM = 64
# Far longer than any transaction that is still open.
KEPT_FOR = datetime.timedelta(days=7)


Standing = Mapping[str, Hashable]


def look() -> Standing:
    """How each watched subject stands; one query. A page looks once, so that all its figures agree."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject, count(*), sum(id), max(id) FROM accounts_change GROUP BY subject"
        )
        return {subject: tuple(stands) for subject, *stands in cursor.fetchall()}


class Remembered:
    """What is computed from the watched subjects alone, and from what the key says.

    Whoever asks has seen to it that the person may see it, or gives the person as a part of the key.
    """

    def __init__(self, *subjects: str, room: int = ROOM):
        self._subjects = subjects
        self._room = room
        self._found: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, find: Callable[[], T], *, standing: Standing | None = None) -> T:
        """`standing`: what `look` said at the beginning of the page; without, it is asked for."""
        seen = look() if standing is None else standing
        stands = connection.settings_dict["NAME"], *map(seen.get, self._subjects)
        with self._lock:
            kept = self._found.get(key)
            if kept and kept[0] == stands:
                self._found.move_to_end(key)
                return kept[1]
        # What is found now is at least as new as the standing: a change meanwhile only makes it be found again.
        found = find()
        with self._lock:
            self._found[key] = (stands, found)
            self._found.move_to_end(key)
            while len(self._found) > self._room:
                self._found.popitem(last=False)
        return found


def sweep(*, now: datetime.datetime) -> int:
    """Forget changes of which every process has long heard; how many went."""
    gone, _by_model = Change.objects.filter(at__lt=now - KEPT_FOR).delete()
    return gone
