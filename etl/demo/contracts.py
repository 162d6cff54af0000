"""Contracts from the draft to the signature by both sides, amendments and terminations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from dashboard.domain.changes import Change
from etl.demo import companies
from etl.demo.clock import DAY
from etl.demo.columns import Flags, Ints, cents, joined, often, pick, weighted
from etl.demo.customers import CURRENCIES
from etl.demo.house_rules import House
from etl.demo.organisation import NEVER
from etl.demo.scenario import Scenario
from etl.demo.steps import Steps, nothing
from etl.demo.world import stated

DRAFTED_OPEN, DRAFTED_LOST = 0.55, 0.12  # of the deals in their last stage that are open, or were lost there
AMENDED, TERMINATED, REJECTED = 0.03, 0.02, 0.09
MARKS = {"submit": 0.15, "reject": 0.25, "again": 0.38, "approve": 0.52, "send": 0.68}
"""When the steps come between draft and signature."""

TERMS, TERM_WEIGHTS = (30, 45, 60, 90), (50, 20, 22, 8)
MAINTENANCE = "SVC-MNT"  # has a template of its own
VALID_DAYS, YEAR_DAYS = 40, 249  # working days
REJECTIONS = ("折扣超出权限，请补充说明。", "付款条件请改为三成预付。", "交付日期与排产不符。")
APPROVALS = (None, "同意", "同意，注意回款节点。")


@dataclass(frozen=True)
class Contracts:
    """Contracts: first those of deals by time of the draft, then amendments. Amounts in whole units of the currency.

    signing: the tick of the signature, or when it was due; signed: whether it happened; deal: its deal.
    """

    ids: pl.Series
    deal: Ints
    amends: Ints
    draft: Ints
    signing: Ints
    signed: Flags
    rejected: Flags
    terminated: Ints
    amount: Ints
    owner: Ints
    of_deal: Ints  # by deal: its contract, or -1


def agree(scene: Scenario) -> Contracts:
    """The contracts of a scenario: of won deals, of deals about to close, and of deals lost at the last moment."""
    world, deals, now = scene.world, scene.deals, scene.world.clock.now
    dice, paths, created = world.dice("contracts"), scene.deals.paths, scene.deals.arrivals.tick
    closed, chance = deals.closed(now), dice.random(world.deals)
    in_last = ((paths.stage == len(world.known.stages.open) - 1) & (paths.entered <= now)).any(axis=1)
    share = min(world.size("contract") / max(int((closed & paths.won).sum()), 1), 1)
    won = np.flatnonzero(closed & paths.won & (chance < share))
    pending = np.flatnonzero(~closed & in_last & (chance < share * DRAFTED_OPEN))
    lost = np.flatnonzero(closed & ~paths.won & in_last & (chance < share * DRAFTED_LOST))
    deal = np.r_[won, pending, lost]
    soon = now + 1 + (dice.random(len(pending)) * 9 * DAY).astype(np.int64)
    signing = np.r_[paths.close[won] - 10, soon, paths.close[lost] - 10]
    draft = np.maximum(created[deal] + 1, signing - ((4 + 10 * dice.random(len(deal))) * DAY).astype(np.int64))
    draft = np.minimum(draft, now - 10)
    signed = np.r_[np.ones(len(won), dtype=bool), np.zeros(len(pending) + len(lost), dtype=bool)]
    order = np.argsort(draft, kind="stable")
    return amended(scene, deal[order], draft[order], signing[order], signed[order])


def amended(scene: Scenario, deal: Ints, draft: Ints, signing: Ints, signed: Flags) -> Contracts:
    """The contracts with their amendments."""
    world, now = scene.world, scene.world.clock.now
    dice, count = world.dice("amendments"), len(deal)
    later = signing + ((40 + 120 * dice.random(count)) * DAY).astype(np.int64)
    changed = np.flatnonzero(signed & (later < now - 10 * DAY) & often(dice, AMENDED, count))
    changed = changed[np.argsort(later[changed], kind="stable")]
    length = (3 * DAY + dice.random(len(changed)) * 6 * DAY).astype(np.int64)
    amount = scene.deals.final[deal]
    extra = np.maximum(np.rint(amount[changed] * 0.12 / 100), 1).astype(np.int64) * 100
    of_deal = np.full(world.deals, -1, dtype=np.int64)
    of_deal[deal] = np.arange(count)
    start, whole = np.r_[draft, later[changed]], np.r_[deal, deal[changed]]
    signs, signed = np.r_[signing, later[changed] + length], np.r_[signed, np.ones(len(changed), dtype=bool)]
    ends = signs + ((60 + 200 * dice.random(len(whole))) * DAY).astype(np.int64)
    stops = signed & (ends < now) & often(dice, TERMINATED, len(whole))
    return Contracts(
        ids=pl.concat([world.ids("contract", draft), world.ids("contract", later[changed], count)]),
        deal=whole,
        amends=np.r_[np.full(count, -1), changed],
        draft=start,
        signing=signs,
        signed=signed,
        rejected=often(dice, REJECTED, len(whole)),
        terminated=np.where(stops, ends, NEVER),
        amount=np.r_[amount, extra],
        owner=scene.deals.owner_at(whole, start),
        of_deal=of_deal,
    )


def created(scene: Scenario, contracts: Contracts, house: House, rows: Ints) -> Change:
    """Contracts as drafted."""
    world, deals, customers, clock = scene.world, scene.deals, scene.customers, scene.world.clock
    dice, deal, draft = world.dice(f"contract facts {len(rows)}"), contracts.deal[rows], contracts.draft[rows]
    customer, product = deals.arrivals.customer[deal], deals.lines.product[deal, 0]
    starts = np.maximum(contracts.signing[rows], draft) // DAY + 1 + dice.integers(0, 8, len(rows))
    years = 1 + often(dice, 0.2, len(rows))
    kind = pick([" 合同", " 补充协议"], (contracts.amends[rows] >= 0).astype(np.int64))
    columns: dict[str, pl.Series | object] = {
        "name": joined(customers.firms.short.gather(customer), " ", pick(scene.products.names, product), kind),
        "customer_id": customers.ids.gather(customer),
        "contact_id": customers.contact_ids.gather(customers.main[customer]),
        "deal_id": deals.ids.gather(deal),
        "owner_id": pick(scene.org.person_ids, contracts.owner[rows]),
        "template_id": house.templates.gather((scene.products.code[product] == MAINTENANCE).astype(np.int64)),
        "amends_id": pick(contracts.ids, contracts.amends[rows]),
        "amount": pl.Series(contracts.amount[rows]),
        "currency": pick(CURRENCIES, deals.currency[deal]),
        "discount": cents(deals.lines.discount[deal, 0]),
        "payment_terms_days": pick(pl.Series(TERMS), weighted(dice, TERM_WEIGHTS, len(rows))),
        "valid_until": clock.dates((draft // DAY + VALID_DAYS) * DAY),
        "starts_on": clock.dates(starts * DAY),
        "ends_on": clock.dates((starts + YEAR_DAYS * years) * DAY),
        "renewal_notice_days": 60,
    }
    return stated("contract", "create", contracts.ids.gather(rows), clock.instants(draft), columns)


def mark(contracts: Contracts, name: str) -> Ints:
    """The tick of a step between draft and signature."""
    return contracts.draft + (MARKS[name] * (contracts.signing - contracts.draft)).astype(np.int64)


def approvers(scene: Scenario, contracts: Contracts) -> Ints:
    """Who decides on each contract: the owner's manager, never the owner."""
    return scene.org.manager_of(contracts.owner, contracts.draft)


def life(scene: Scenario, contracts: Contracts) -> Iterator[Steps]:
    """Submitted, sometimes sent back, approved, sent, signed; a few terminated."""
    org, clock, now = scene.org, scene.world.clock, scene.world.clock.now
    approver, everyone = approvers(scene, contracts), np.ones(len(contracts.deal), dtype=bool)
    name, _ = companies.person_names(scene.world.dice("signers"), len(contracts.deal))

    def step(
        verb: str,
        tick: Ints,
        chosen: Flags,
        columns: Callable[[Ints], dict[str, pl.Series]] = nothing,
        *,
        last: bool = False,
    ) -> Steps:
        rows = np.flatnonzero(chosen & (tick <= now))
        return Steps(verb, rows, tick[rows], lambda at: columns(rows[at]), closing=last)

    def decided(notes: tuple[str | None, ...]) -> Callable[[Ints], dict[str, pl.Series]]:
        return lambda at: {
            "approver_id": org.person_ids.gather(approver[at]),
            "decision_note": pick(notes, at % len(notes)),
        }

    def signature(at: Ints) -> dict[str, pl.Series]:
        return {
            "signed_on": clock.dates(contracts.signing[at]),
            "our_signer_id": org.person_ids.gather(approver[at]),
            "their_signer": name.gather(at),
            "signing": pl.Series(["paper"] * len(at)),
        }

    yield step("submit", mark(contracts, "submit"), everyone)
    yield step("reject", mark(contracts, "reject"), contracts.rejected, decided(REJECTIONS))
    yield step("submit", mark(contracts, "again"), contracts.rejected)
    yield step("approve", mark(contracts, "approve"), everyone, decided(APPROVALS))
    yield step("send", mark(contracts, "send"), everyone)
    yield step("sign", contracts.signing, contracts.signed, signature, last=True)
    yield step("terminate", contracts.terminated, contracts.terminated < NEVER, last=True)
