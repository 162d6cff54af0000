"""What was worked out for the next click: the same question of the same person about the same records.

A page asks the same at every click, and each step on a frame, however small, wakes the threads of the engine: on a
busy machine that takes longer than all that is drawn.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

from dashboard.domain.access import Actor
from dashboard.jobs import Desk
from etl.metrics import Answer, Question

Made = TypeVar("Made")
MOST = 4_000


class Remembered:
    """Things by everything they depend on, until a record or a mart changes; the ones unused for longest go first.

    The person's scope follows from the actor (roles, teams) and the store's revision, the numbers from the revision of
    the marts and the question, which holds the day. What is kept is given out again, so nobody may change it. It may be
    newer than its revisions, when a write ended in between, but never older.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.state: Hashable = None
        self.things: OrderedDict[Hashable, object] = OrderedDict()

    def once(self, desk: Desk, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` makes, made at the first use; the key must hold whom it is for. Raises what `make` raises."""
        state = (id(desk), desk.store.revision, desk.freshness.revision)
        with self.lock:
            if state != self.state:
                self.state = state
                self.things.clear()
            if key in self.things:
                self.things.move_to_end(key)
                found: Made = self.things[key]  # type: ignore[assignment]  # made under this key before
                return found
        made = make()
        with self.lock:
            if state == self.state:
                self.things[key] = made
                while len(self.things) > MOST:
                    self.things.popitem(last=False)
        return made

    def answer(self, desk: Desk, actor: Actor, question: Question) -> Answer:
        """The answer, computed once. Raises what `Desk.measure` raises."""
        return self.once(desk, ("answer", actor, asked(question)), lambda: desk.measure(actor, question))


def asked(question: Question) -> Hashable:
    """A question as a key."""
    where = tuple(sorted((name, tuple(keys)) for name, keys in question.where.items()))
    plain = (question.name, question.since, question.until, question.by, question.as_of, question.known_at)
    return (*plain, question.today, where, tuple(sorted(question.weights.items())))


REMEMBERED = Remembered()
"""Of this process: it belongs to no session, so no session can clear it."""
