"""Customers as changes, with contacts and consents; then handed over or put into the pool."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from dashboard.domain.changes import Change
from etl.demo import companies, steps
from etl.demo.clock import DAY
from etl.demo.columns import (
    any_of,
    joined,
    lists,
    nobody,
    numbered,
    often,
    only,
    pick,
)
from etl.demo.customers import Customers
from etl.demo.known import list_of
from etl.demo.organisation import NEVER, Organisation
from etl.demo.steps import Steps
from etl.demo.world import World, words

CUSTOM = ('{"erp_system":"sap"}', '{"erp_system":"yonyou"}', '{"erp_system":"kingdee"}', '{"erp_system":"none"}')
LEVEL_EDGES = (-0.35, 0.05, 0.45)  # of the size: D, C, B, A
CHANNELS = ("phone", "email", "wechat", "all")


def changes(world: World, org: Organisation, customers: Customers) -> Iterator[Change]:
    """Customers with contacts and consents, as met; then handed over or released."""
    yield created(world, org, customers)
    yield from steps.changes(
        "customer", customers.ids, world.clock, life(world, org, customers), 0, len(customers.tick)
    )
    yield contacts(world, customers)
    yield from consents(world, customers)


def created(world: World, org: Organisation, customers: Customers) -> Change:
    """Customers with the facts of a company."""
    dice, count, firms, place = world.dice("customer facts"), len(customers.tick), customers.firms, customers.place
    everyone, source, need = np.arange(count), list_of(world.known, "source"), list_of(world.known, "need").codes
    revenue = np.exp(np.log(8e7) + 2.2 * customers.size + dice.normal(0, 0.8, count))
    level = np.searchsorted(LEVEL_EDGES, customers.size + dice.normal(0, 0.12, count)).astype(np.int64)
    street = pick(words("market")["words"]["streets"], dice.integers(0, 8, count))
    short, bank = firms.short.head(count), np.where(often(dice, 0.25, count), dice.integers(0, 4, count), -1)
    columns: dict[str, pl.Series | object] = {
        "name": firms.name.head(count),
        "aliases": only(alias_lists(short), often(dice, 0.3, count)),
        "credit_code": only(companies.credit_codes(count), often(dice, 0.85, count)),
        "industry_id": place.industries.gather(firms.industry[:count]),
        "region_id": customers.region_ids(everyone),
        "level": pick(["D", "C", "B", "A"], level),
        "need_tags": lists([[code] for code in need], any_of(dice, len(need), count)),
        "source_id": pick(source.ids, any_of(dice, len(source.codes), count)),
        "owner_id": pick(org.person_ids, org.holder(customers.territory, customers.tick)),
        "website": only(joined("https://", companies.sites(0, count)), often(dice, 0.7, count)),
        "phone": companies.phones(0, count),
        "address": joined(
            place.cities.gather(firms.city[:count]), "市", street, numbered(dice.integers(1, 999, count), 1), "号"
        ),
        "employees": pl.Series(np.maximum(np.rint(revenue / 6e5), 8).astype(np.int64)),
        "annual_revenue": pl.Series(np.rint(revenue / 1e6).astype(np.int64).clip(1) * 1_000_000),
        "founded_year": pl.Series(dice.integers(1992, world.start_day.year - 5, count)),
        "bank_name": pick(words("market")["words"]["banks"], bank),
        "created_on": world.clock.dates(customers.tick),
        "custom": pick(CUSTOM, np.where(often(dice, 0.4, count), dice.integers(0, len(CUSTOM), count), -1)),
    }
    return world.create("customer", customers.tick, columns)[1]


def alias_lists(names: pl.Series) -> pl.Series:
    """Each name as a list of one."""
    return names.to_frame("name").select(pl.concat_list("name"))["name"]


def life(world: World, org: Organisation, customers: Customers) -> list[Steps]:
    """The leaver's customers were handed over; forgotten ones went to the pool."""
    handed = org.handed[customers.territory]
    given = np.flatnonzero((customers.tick < handed) & (handed < np.minimum(world.clock.now, customers.released)))
    freed = np.flatnonzero(customers.released < NEVER)
    team = org.team[org.territory[customers.territory[freed]]]
    heir = org.heir[customers.territory[given]]
    return [
        Steps("update", given, handed[given], lambda rows: {"owner_id": pick(org.person_ids, heir[rows])}),
        Steps(
            "release",
            freed,
            customers.released[freed],
            lambda rows: {
                "owner_id": nobody(len(rows)),
                "pool_team_id": pick(org.team_ids, team[rows]),
            },
            why="pool.no_deal 400",
        ),
    ]


def contacts(world: World, customers: Customers) -> Change:
    """The people at the customers."""
    dice, count = world.dice("contacts"), len(customers.contact_tick)
    name, latin = companies.person_names(dice, count)
    titles = words("market")["words"]["job_titles"]
    title = dice.integers(0, len(titles), count)
    main = np.zeros(count, dtype=bool)
    main[customers.main] = True
    mail = joined(latin, "@k", numbered(customers.contact_customer, 6), ".example.com")
    columns: dict[str, pl.Series | object] = {
        "customer_id": customers.ids.gather(customers.contact_customer),
        "name": name,
        "job_title": pick(titles, title),
        "influence": pick(words("market")["words"]["influence"], title),
        "phone": companies.phones(20_000_000, count),
        "email": only(mail, often(dice, 0.85, count)),
        "wechat": only(joined("wx_", latin, numbered(dice.integers(10, 9999, count), 1)), often(dice, 0.4, count)),
        "main": pl.Series(main),
    }
    return world.create("contact", customers.contact_tick, columns)[1]


def consents(world: World, customers: Customers) -> Iterator[Change]:
    """What contacts agreed to, and a few who took it back."""
    dice, clock = world.dice("consents"), world.clock
    who = np.flatnonzero(often(dice, 0.5, len(customers.contact_tick)))
    tick, count = customers.contact_tick[who], len(who)
    columns: dict[str, pl.Series | object] = {
        "contact_id": customers.contact_ids.gather(who),
        "customer_id": customers.ids.gather(customers.contact_customer[who]),
        "channel": pick(CHANNELS, dice.integers(0, len(CHANNELS), count)),
        "given": pl.Series(often(dice, 0.92, count)),
        "given_on": clock.dates(tick),
        "evidence": pick(["名片交换", "展会登记表", "邮件确认", "合同附件"], dice.integers(0, 4, count)),
    }
    ids, change = world.create("consent", tick, columns)
    yield change
    end = tick + 20 * DAY + dice.integers(0, 200 * DAY, count)
    gone = np.flatnonzero((end < clock.now) & often(dice, 0.05, count))
    rows = {"id": ids.gather(gone), "effective_at": clock.instants(end[gone]), "withdrawn_on": clock.dates(end[gone])}
    yield Change("consent", "update", pl.DataFrame(rows).with_columns(pl.lit(value=False).alias("given")))
