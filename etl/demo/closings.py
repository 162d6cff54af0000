"""How deals end, as steps: won with an amount, lost with a reason, taken up again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from etl.demo.columns import (
    Flags,
    Ints,
    any_of,
    pick,
    weighted,
)
from etl.demo.deals import Deals
from etl.demo.known import Codes, list_of
from etl.demo.organisation import Organisation
from etl.demo.steps import Columns, Steps
from etl.demo.world import World

LOST_REASONS = {
    "price": 27,
    "competitor": 20,
    "no_budget": 15,
    "no_decision": 16,
    "requirements": 10,
    "timing": 7,
    "duplicate": 3,
    "other": 2,
}
LOST_NOTES = {
    "price": "报价高于客户预算约两成，未能再让价。",
    "competitor": "客户选择了竞争对手，对方交付周期更短。",
    "no_budget": "本年度预算被取消，明年再议。",
    "no_decision": "内部意见不一，项目搁置。",
    "requirements": "定制要求超出标准产品范围。",
    "timing": "新厂投产推迟，暂不启动。",
    "duplicate": "与同事登记的商机重复。",
    "other": "客户组织调整，对接人离职。",
}
WON_NOTES = ("合同已签，按计划交付。", "客户认可方案与服务响应。", None, None, None)


@dataclass(frozen=True)
class Ends:
    """Closings of deals in one way; team: the owner's team on that day where it is another one now, else -1."""

    deal: Ints
    tick: Ints
    team: Ints

    @classmethod
    def of(cls, world: World, org: Organisation, deals: Deals, won: bool) -> Ends:
        """All first and final ends that are wins, or losses."""
        paths = deals.paths
        early = np.flatnonzero((paths.first_close >= 0) & (paths.first_won == won))
        late = np.flatnonzero(deals.closed(world.clock.now) & (paths.won == won))
        deal, tick = np.r_[early, late], np.r_[paths.first_close[early], paths.close[late]]
        owner = deals.owner_at(deal, tick)
        return cls(deal, tick, org.former_team(owner, tick))

    def steps(self, org: Organisation, verb: str, chosen: Flags, columns: Columns) -> Iterator[Steps]:
        """The chosen ends as steps; those of people who have moved since state the team of that day."""
        here, elsewhere = np.flatnonzero(chosen & (self.team < 0)), np.flatnonzero(chosen & (self.team >= 0))

        def with_team(rows: Ints) -> dict[str, pl.Series]:
            part = elsewhere[rows]
            return {**columns(part), "closed_team_id": org.team_ids.gather(self.team[part])}

        yield Steps(verb, self.deal[here], self.tick[here], lambda rows: columns(here[rows]), closing=True)
        yield Steps(verb, self.deal[elsewhere], self.tick[elsewhere], with_team, closing=True)


def wins(world: World, org: Organisation, deals: Deals) -> Iterator[Steps]:
    """Wins that state the amount agreed in the end, and wins as expected."""
    ends = Ends.of(world, org, deals, won=True)
    agreed = deals.settled[ends.deal] & (ends.tick == deals.paths.close[ends.deal])
    note = ends.deal % len(WON_NOTES)

    def plain(rows: Ints) -> dict[str, pl.Series]:
        return {"closed_on": world.clock.dates(ends.tick[rows]), "close_note": pick(WON_NOTES, note[rows])}

    def priced(rows: Ints) -> dict[str, pl.Series]:
        return {**plain(rows), "amount": pl.Series(deals.final[ends.deal[rows]])}

    yield from ends.steps(org, "win", ~agreed, plain)
    yield from ends.steps(org, "win", agreed, priced)


def losses(world: World, org: Organisation, deals: Deals, competitors: Codes) -> Iterator[Steps]:
    """Losses with their reason; the competitor where it was one, else that there was none, or that nobody knows."""
    ends, dice = Ends.of(world, org, deals, won=False), world.dice("losses")
    known = list_of(world.known, "lost_reason")
    reason = weighted(dice, known.chosen(LOST_REASONS), len(ends.deal))
    rival = np.where(reason == known.index("competitor"), any_of(dice, len(competitors.codes), len(reason)), -1)
    nobody = pl.Series(nameless(world, ("none", "unknown")), dtype=pl.String)
    doubt = (reason == known.index("unknown")).astype(np.int64)
    notes = [LOST_NOTES.get(code) for code in known.codes]

    def columns(rows: Ints) -> dict[str, pl.Series]:
        return {
            "closed_on": world.clock.dates(ends.tick[rows]),
            "lost_reason_id": known.ids.gather(reason[rows]),
            "competitor_id": pick(competitors.ids, rival[rows]).fill_null(nobody.gather(doubt[rows])),
            "close_note": pick(notes, reason[rows]),
        }

    yield from ends.steps(org, "lose", np.ones(len(reason), dtype=bool), columns)


def nameless(world: World, codes: tuple[str, ...]) -> list[str | None]:
    """The ids of competitors without a name."""
    known = list_of(world.known, "competitor")
    return [known.ids[known.index(code)] if code in known.codes else None for code in codes]


def reopenings(world: World, deals: Deals) -> Steps:
    """Closed deals taken up again."""
    rows = np.flatnonzero(deals.paths.reopen >= 0)
    stage, stages = deals.paths.reopen_stage[rows], world.known.stages.open
    return Steps("reopen", rows, deals.paths.reopen[rows], lambda at: {"stage_id": stages.gather(stage[at])})
