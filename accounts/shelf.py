"""Drawn pieces of pages, kept while nothing that they show has changed.

Each record of a dossier counts its versions (a trigger does, whoever writes); of others, the values themselves
tell what a piece is drawn from. Two pieces drawn from the same are the same text. The shelf lies in the memory of the process:
nothing has to be taken off it, what is not asked for any more makes room by itself.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

# Parts are long and short: letters are counted. One letter takes one to two bytes, in every process.
ROOM = 10_000_000
# A list of hundreds of entries is drawn anew each time: a few of them would hold all the memory there is.
LONGEST = 100_000


class Shelf:
    """The texts that were asked for last, by what they were drawn from; `room` is counted in letters."""

    def __init__(self, room: int = ROOM):
        self._room = room
        self._taken = 0
        self._texts: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = Lock()

    def get(self, state: Hashable, draw: Callable[[], str]) -> str:
        with self._lock:
            text = self._texts.get(state)
            if text is not None:
                self._texts.move_to_end(state)
                return text
        text = draw()
        if len(text) > LONGEST:
            return text
        with self._lock:
            if state not in self._texts:  # another thread may have drawn the same meanwhile
                self._texts[state] = text
                self._taken += len(text)
            while self._taken > self._room:
                _state, dropped = self._texts.popitem(last=False)
                self._taken -= len(dropped)
        return text

    def clear(self) -> None:
        with self._lock:
            self._texts.clear()
            self._taken = 0


# The one of this process.
SHELF = Shelf()
