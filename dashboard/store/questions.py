"""How many values somebody may ask for whether they are in the system, so that nobody reads the system by guessing.

Counted in the store, each value once as long as the process runs: typing on in the same form costs nothing more.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from dashboard.errors import Limited
from dashboard.store.rates import Rate, Rates

if TYPE_CHECKING:
    from dashboard.domain.access import Actor

AN_HOUR = 120
REMEMBERED = 10_000
MINUTES = 60


class Questions:
    """The questions of a store's people."""

    def __init__(self, rates: Rates, most: int = AN_HOUR) -> None:
        self.rates, self.rate = rates, Rate("questions", most, timedelta(hours=1))
        self.lock = Lock()
        self.asked: OrderedDict[tuple[str, str], bool] = OrderedDict()

    def ask(self, actor: Actor, field: str, value: str) -> None:
        """Count a question, unless it is one that was asked before. Raises Limited (duplicates.too_many)."""
        key = key_of(actor, field, value)
        with self.lock:
            if key in self.asked:
                return
            if self.rates.use(self.rate, actor.person_id):
                raise Limited("duplicates.too_many", minutes=MINUTES)
            self.asked[key] = False
            while len(self.asked) > REMEMBERED:
                self.asked.popitem(last=False)

    def first_told(self, actor: Actor, field: str, value: str) -> bool:
        """Whether this answer is given for the first time; from now on it was."""
        key = key_of(actor, field, value)
        with self.lock:
            told, self.asked[key] = self.asked.get(key, False), True
            return not told


def key_of(actor: Actor, field: str, value: str) -> tuple[str, str]:
    """Who asks for what, without the value itself."""
    return actor.person_id, hashlib.sha256(f"{field}|{value}".encode()).hexdigest()
