"""Answers kept for the next click: the same question of the same person about the same records has the same answer."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

from dashboard.domain.access import Actor
from dashboard.jobs import Desk
from etl.metrics import Answer, Question

MOST = 2_000


class Remembered:
    """Answers by everything they depend on; the ones unused for longest go first.

    The person's scope follows from the actor (roles, teams) and the store's revision, the numbers from the revision of
    the marts and the question, which holds the day.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.answers: OrderedDict[Hashable, Answer] = OrderedDict()

    def answer(self, desk: Desk, actor: Actor, question: Question) -> Answer:
        """The answer, computed once. Raises what `Desk.measure` raises."""
        key = (id(desk), desk.store.revision, desk.freshness.revision, actor, asked(question))
        with self.lock:
            if (found := self.answers.get(key)) is not None:
                self.answers.move_to_end(key)
                return found
        fresh = desk.measure(actor, question)
        with self.lock:
            self.answers[key] = fresh
            while len(self.answers) > MOST:
                self.answers.popitem(last=False)
        return fresh


def asked(question: Question) -> Hashable:
    """A question as a key."""
    where = tuple(sorted((name, tuple(keys)) for name, keys in question.where.items()))
    plain = (question.name, question.since, question.until, question.by, question.as_of, question.known_at)
    return (*plain, question.today, where, tuple(sorted(question.weights.items())))


REMEMBERED = Remembered()
"""Of this process: it belongs to no session, so no session can clear it."""
