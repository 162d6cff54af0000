"""Reference rows that the demo adds: products, competitors, exchange rates and the Chinese working calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl

from dashboard.domain.calendars import seed_days
from dashboard.domain.changes import Change
from etl.demo.clock import COUNTRY, DAY, dates, day_number
from etl.demo.columns import Ints, decimals, texts
from etl.demo.known import Codes, list_of
from etl.demo.products import Products, product_columns
from etl.demo.world import World, words

NAMELESS = ("none", "unknown")
RATES = {"USD": 7.15, "EUR": 7.75}


def changes(world: World, products: Products, competitors: Codes) -> Iterator[Change]:
    """All of them, without those that the store already has."""
    opened = np.full(len(products.names), world.clock.months_ago(72))
    yield world.create("product", opened, product_columns(world, products))[1]
    if not rivals(world).codes:
        yield competitor_rows(world, competitors)
    yield rate_rows(world)
    yield calendar(world)


def competitors(world: World) -> Codes:
    """The competitors that the store knows by name, else those of the word list."""
    if (known := rivals(world)).codes:
        return known
    items = words("market")["competitor"]
    ids = world.ids("list_value", np.full(len(items), world.clock.months_ago(60)))
    return Codes(tuple(item["code"] for item in items), ids)


def rivals(world: World) -> Codes:
    """The competitors that have a name."""
    known = list_of(world.known, "competitor")
    named = [place for place, code in enumerate(known.codes) if code not in NAMELESS]
    return Codes(tuple(known.codes[place] for place in named), known.ids.gather(named))


def competitor_rows(world: World, known: Codes) -> Change:
    """The competitors of the word list as values of a list."""
    items = words("market")["competitor"]
    columns: dict[str, pl.Series | object] = {
        "list": "competitor",
        "code": texts(known.codes),
        "label_zh": texts([item["label_zh"] for item in items]),
        "label_en": texts([item["label_en"] for item in items]),
        "rank": pl.Series(np.arange(1, len(items) + 1) + len(NAMELESS)),
    }
    return world.create("list_value", np.full(len(items), world.clock.months_ago(60)), columns)[1]


def month_starts(world: World) -> list[date]:
    """The first day of each month from a year before the start until today."""
    first = date(world.start_day.year - 1, 1, 1)
    months = [date(first.year + n // 12, n % 12 + 1, 1) for n in range(12 * (world.today.year - first.year + 1))]
    return [month for month in months if month < world.today]


def rates(world: World) -> dict[str, Ints]:
    """Yuan per unit of each currency by month, in 1/10,000: a walk around its usual level."""
    dice, months = world.dice("rates"), len(month_starts(world))
    steps = {currency: dice.normal(0, 0.006, months) for currency in RATES}
    return {c: np.rint(RATES[c] * np.exp(np.cumsum(step) * 0.6) * 10_000).astype(np.int64) for c, step in steps.items()}


def rate_rows(world: World) -> Change:
    """A rate for each currency and month."""
    months, walks = month_starts(world), rates(world)
    rows = [
        (day_number(day), currency, int(walk[at]))
        for at, day in enumerate(months)
        for currency, walk in walks.items()
        if (currency, day) not in world.known.rates
    ]
    days = np.array([row[0] for row in rows], dtype=np.int64)
    ticks = np.searchsorted(world.clock.days, days) * DAY
    columns: dict[str, pl.Series | object] = {
        "currency": texts([row[1] for row in rows]),
        "valid_on": dates(days),
        "rate": decimals(np.array([row[2] for row in rows]) / 10_000, 6),
    }
    return world.create("exchange_rate", np.minimum(ticks, world.clock.now), columns)[1]


def calendar(world: World) -> Change:
    """The holidays and make-up days from the start's year to next year."""
    years = range(world.start_day.year, world.today.year + 2)
    days = [day for year in years for day in seed_days(COUNTRY, year) if day.day not in world.known.calendar]
    columns: dict[str, pl.Series | object] = {
        "day": dates(np.array([day_number(day.day) for day in days], dtype=np.int64)),
        "working": pl.Series([day.working for day in days], dtype=pl.Boolean),
        "label": texts([day.label for day in days]),
        "provisional": pl.Series([day.provisional for day in days], dtype=pl.Boolean),
    }
    return world.create("calendar_day", np.full(len(days), world.clock.months_ago(48)), columns)[1]
