"""How often something may be done in a while: leads of an address, questions of a person.

Kept in the store, so that a restart forgives nothing, one row for each window of whoever used it and only for as long
as it counts. The window slides: what was used in the one before counts for the part of it that is not over. Whom a row
is about stands there as a keyed hash; what is not let through leaves no trace, so nobody can fill the store.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, insert, select, update

from dashboard.domain.ids import new_id
from dashboard.store.engine_duckdb import rows, run
from dashboard.store.schema import table_of

if TYPE_CHECKING:
    from dashboard.store.store import Store

RATES = table_of("rate")
TICK, SECOND = timedelta(microseconds=1), 1_000_000
EPOCH = datetime(1970, 1, 1)


class Rate(NamedTuple):
    """So many of something in so much time."""

    what: str
    most: int
    window: timedelta


class Rates:
    """The rates of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def use(self, rate: Rate, *whom: str) -> int:
        """Count one and return 0; where there were too many already, count nothing and return the seconds to wait."""
        moment = self.store.clock()
        began = EPOCH + (moment - EPOCH) // rate.window * rate.window
        passed = Fraction((moment - began) // TICK, rate.window // TICK)
        mine = RATES.c.subject_hash == self.hashed(rate, *whom)
        with self.store.engine.writing() as cursor:
            found = dict(rows(cursor, select(RATES.c.began_at, RATES.c.used).where(mine, RATES.c.ends_at > moment)))
            here, before = found.get(began, 0), found.get(began - rate.window, 0)
            if wait := waiting(here, before, rate.most, passed):
                return max(1, math.ceil(wait * (rate.window // TICK) / SECOND))
            run(cursor, delete(RATES).where(RATES.c.ends_at <= moment))
            if here:
                run(cursor, update(RATES).where(mine, RATES.c.began_at == began).values(used=here + 1))
            else:
                values = {"subject_hash": self.hashed(rate, *whom), "began_at": began, "used": 1}
                run(cursor, insert(RATES).values(id=new_id(), ends_at=began + 2 * rate.window, **values))
        return 0

    def hashed(self, rate: Rate, *whom: str) -> str:
        """A keyed hash of whom and what is counted; another limit counts anew."""
        content = "\0".join((rate.what, str(rate.most), str(rate.window), *whom)).encode()
        return hmac.new(self.store.index_key, content, hashlib.sha256).hexdigest()


def waiting(here: int, before: int, most: int, passed: Fraction) -> Fraction:
    """How many windows it takes until one more is let through; 0 for at once.

    here, before: how many were used in this window and in the one before; passed: how much of this one is over, 0 to 1.
    """
    if here + before * (1 - passed) + 1 <= most:
        return Fraction(0)
    if here < most:  # as soon as enough of the window before no longer counts
        return 1 - Fraction(most - 1 - here, before) - passed
    return 1 - passed + 1 - Fraction(most - 1, here)
