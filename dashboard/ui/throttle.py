"""Slows down guessing: how many failed logins a name from an address, and an address alone, may have at a time."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

WINDOW_SECONDS = 15 * 60
TRIES_PER_NAME = 5
TRIES_PER_ADDRESS = 40
REMEMBERED = 10_000  # keys at most; the ones unused for longest go first

Key = tuple[str, str]
ANY_NAME = ""


class Throttle:
    """Failed tries in memory. Names that do not exist count like those that do."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.lock = threading.Lock()
        self.tries: OrderedDict[Key, list[float]] = OrderedDict()

    def begin(self, name: str, address: str) -> int:
        """Count a try and return 0; where there were too many already, count nothing and return the minutes to wait."""
        moment = self.clock()
        with self.lock:
            wait = max(self.wait(key, most, moment) for key, most in limits(name, address))
            if wait > 0:
                return math.ceil(wait / 60)
            for key, _ in limits(name, address):
                self.tries.setdefault(key, []).append(moment)
                self.tries.move_to_end(key)
            while len(self.tries) > REMEMBERED:
                self.tries.popitem(last=False)
        return 0

    def succeeded(self, name: str, address: str) -> None:
        """Forget the tries of somebody who knew the password; the address keeps its other ones."""
        with self.lock:
            own = self.tries.pop((name, address), [])
            shared = self.tries.get((ANY_NAME, address), [])
            if own and own[-1] in shared:
                shared.remove(own[-1])

    def wait(self, key: Key, most: int, moment: float) -> float:
        """The seconds until another try is allowed; 0 for at once."""
        recent = [tried for tried in self.tries.get(key, ()) if moment - tried < WINDOW_SECONDS]
        if key in self.tries:
            self.tries[key] = recent
        return WINDOW_SECONDS - (moment - recent[-most]) if len(recent) >= most else 0.0


def limits(name: str, address: str) -> tuple[tuple[Key, int], ...]:
    """What a try counts towards, and how many are allowed."""
    return (((name, address), TRIES_PER_NAME), ((ANY_NAME, address), TRIES_PER_ADDRESS))
