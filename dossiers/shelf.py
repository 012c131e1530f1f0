"""Drawn pieces, kept while nothing that they show has changed.

Each record counts its versions (a trigger does, whoever writes), so what a piece is drawn from can be told
exactly, and two pieces drawn from the same are the same text. The shelf lies in the memory of the process:
nothing has to be taken off it, what is not asked for any more makes room by itself.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

# A few thousand letters each: some megabytes in every process.
PLACES = 1500
# A list of hundreds of entries is drawn anew each time: a few of them would hold all the memory there is.
LONGEST = 100_000


class Shelf:
    """The texts that were asked for last, by what they were drawn from."""

    def __init__(self, places: int = PLACES):
        self._places = places
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
            self._texts[state] = text
            while len(self._texts) > self._places:
                self._texts.popitem(last=False)
        return text

    def clear(self) -> None:
        with self._lock:
            self._texts.clear()
