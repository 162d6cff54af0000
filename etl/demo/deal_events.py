"""What happens to deals beside their stages: new amounts, pushed closings, new owners, shared credit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from etl.demo.arrivals import Arrivals
from etl.demo.clock import DAY
from etl.demo.columns import (
    Flags,
    Ints,
    often,
)
from etl.demo.organisation import NEVER, Organisation
from etl.demo.pipeline import LEAST, Paths
from etl.demo.world import World

REVISED = 0.22  # deals whose amount is changed on the way
SETTLED_AT_WIN = 0.18  # wins with a last concession
WITHOUT_AMOUNT = 0.038  # at first; who wins or revises a deal states one
PUSHES = 4  # at most so many times the expected close is moved
PUSHED = 0.82  # of the times it passes, it is moved; else it stays behind
REASSIGNED = 0.025
SHARED = 0.08


@dataclass(frozen=True)
class Events:
    """One kind of event: which deal, at which tick, with which value."""

    deal: Ints
    tick: Ints
    value: Ints

    def of(self, deals: Flags) -> Events:
        """Only those of some deals."""
        kept = deals[self.deal]
        return Events(self.deal[kept], self.tick[kept], self.value[kept])


def first_span(paths: Paths, end: Ints) -> Ints:
    """The tick at which a deal was first closed, or until which it was open."""
    return np.where(paths.first_close >= 0, paths.first_close, end)


def revise(dice: np.random.Generator, created: Ints, until: Ints, amount: Ints) -> Events:
    """Changes of the amount while the deal is open."""
    chosen = np.flatnonzero(often(dice, REVISED, len(created)) & (until - created > 2 * DAY))
    span = until[chosen] - created[chosen] - 2 * LEAST
    tick = created[chosen] + LEAST + (dice.random(len(chosen)) * span).astype(np.int64)
    changed = np.rint(amount[chosen] * np.exp(dice.normal(-0.03, 0.16, len(chosen))) / 100) * 100
    return Events(chosen, tick, np.maximum(changed, 100).astype(np.int64))


def agreed(dice: np.random.Generator, amount: Ints, revisions: Events, paths: Paths) -> tuple[Ints, Flags, Flags]:
    """The amount in the end, whether the win states it anew, and whether an amount was known from the beginning."""
    final = amount.copy()
    final[revisions.deal] = revisions.value
    priced = dice.random(len(amount)) >= WITHOUT_AMOUNT
    priced[revisions.deal] = True
    priced |= paths.first_won & (paths.first_close >= 0)
    settled = often(dice, SETTLED_AT_WIN, len(amount))
    lower = np.maximum(np.rint(final * (1 - 0.06 * dice.random(len(amount))) / 100), 1).astype(np.int64) * 100
    settled &= paths.won
    return np.where(settled, lower, final), settled | (paths.won & ~priced), priced


def push(dice: np.random.Generator, created: Ints, paths: Paths, until: Ints, expected: Ints) -> Events:
    """Moves of the expected close: later when it passes, to a better guess once the deal is in its last stage."""
    found: list[Events] = []
    due, alive = expected, np.ones(len(created), dtype=bool)
    for _ in range(PUSHES):
        noticed = due + ((dice.random(len(due)) * 6 - 4) * DAY).astype(np.int64)
        alive &= often(dice, PUSHED, len(due)) & (noticed < until - LEAST) & (noticed > created + LEAST)
        later = np.maximum(noticed, due) + ((8 + 24 * dice.random(len(due))) * DAY).astype(np.int64)
        found.append(chosen(alive, noticed, later))
        due = np.where(alive, later, due)
    last = paths.entered.max(axis=1)
    close = np.where(paths.first_close >= 0, paths.first_close, paths.close)
    guess = close + ((dice.random(len(due)) * 18 - 6) * DAY).astype(np.int64)
    sure = often(dice, 0.55, len(due)) & (last > created + LEAST) & (last + LEAST // 2 < until)
    found.append(chosen(sure, last + LEAST // 2, np.maximum(guess, last + 2 * DAY)))
    parts = [[event.deal for event in found], [event.tick for event in found], [event.value for event in found]]
    return Events(*(np.concatenate(part) for part in parts))


def chosen(mask: Flags, tick: Ints, value: Ints) -> Events:
    """The events of the deals for which the mask holds."""
    rows = np.flatnonzero(mask)
    return Events(rows, tick[rows], value[rows])


def reassign(world: World, org: Organisation, arrivals: Arrivals, paths: Paths, end: Ints) -> Events:
    """The leaver's open deals went to the heir; a few others to a colleague in the team."""
    dice, created, territory = world.dice("reassign"), arrivals.tick, arrivals.territory
    handed = org.handed[territory]
    gap = (paths.first_close >= 0) & (handed > paths.first_close) & (handed <= paths.reopen)
    tick = np.where(gap, paths.reopen + LEAST // 2, np.maximum(handed, created + 1))
    leaver = (created < handed) & (tick < end)
    until = first_span(paths, end)
    moment = created + LEAST + (dice.random(len(created)) * (until - created - 2 * LEAST)).astype(np.int64)
    mate = org.mates[territory, dice.integers(0, 2, len(created))]
    other = (
        (handed == NEVER) & (until - created > 4 * DAY) & often(dice, REASSIGNED, len(created)) & (mate != territory)
    )
    first, second = np.flatnonzero(leaver), np.flatnonzero(other)
    return Events(
        np.r_[first, second],
        np.r_[tick[first], moment[second]],
        np.r_[org.heir[territory[first]], org.territory[mate[second]]],
    )


def share(dice: np.random.Generator, org: Organisation, arrivals: Arrivals, reassigned: Events) -> Ints:
    """The colleague with whom a deal is shared; none for deals that change hands."""
    territory = arrivals.territory
    mate = org.mates[territory, dice.integers(0, 2, len(territory))]
    shares = often(dice, SHARED, len(territory)) & (mate != territory) & (org.handed[territory] == NEVER)
    shares[reassigned.deal] = False
    return np.where(shares, org.territory[mate], -1)
