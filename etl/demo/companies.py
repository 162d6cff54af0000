"""Invented companies: where they are, what they make, what they are called, how to reach them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from etl.demo.columns import Floats, Ints, joined, numbered, pick, texts, weighted
from etl.demo.known import positions
from etl.demo.organisation import Organisation, sales_regions
from etl.demo.world import World, words

CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
NOWHERE = "999999"  # an administrative division that does not exist, so that no credit code is a real one's


@dataclass(frozen=True)
class Market:
    """The invented market by number: cities and industries with their region and known ids."""

    cities: pl.Series
    city_ids: pl.Series  # the city's province, or its sales region where the provinces are not known
    city_region: Ints
    city_weight: Floats
    industries: pl.Series
    industry_codes: tuple[str, ...]
    industry_weight: Floats
    industry_win: Floats
    industry_pace: Floats
    words: tuple[tuple[str, ...], ...]


def market(world: World) -> Market:
    """The market of a world, with what its reference rows know."""
    source, known = words("market"), world.known
    regions = sales_regions(world)
    cities = [
        (name, code, weight, number)
        for number, region in enumerate(regions)
        for name, code, weight in source["city"][region]
    ]
    province = positions(known.regions, [city[1] for city in cities])
    region = positions(known.regions, regions)
    region = np.where(region < 0, np.arange(len(regions)) % len(known.regions.ids), region)
    number = np.array([city[3] for city in cities])
    made = {code: item for code, item in source["industry"].items() if code in known.industries.codes}
    made = made or {code: next(iter(source["industry"].values())) for code in known.industries.codes[:6]}
    return Market(
        cities=texts([city[0] for city in cities]),
        city_ids=known.regions.ids.gather(np.where(province < 0, region[number], province)),
        city_region=number,
        city_weight=np.array([float(city[2]) for city in cities]),
        industries=known.industries.ids.gather(positions(known.industries, list(made))),
        industry_codes=tuple(made),
        industry_weight=np.array([item["weight"] for item in made.values()], dtype=np.float64),
        industry_win=np.array([item["win"] for item in made.values()]),
        industry_pace=np.array([item["pace"] for item in made.values()]),
        words=tuple(tuple(item["words"]) for item in made.values()),
    )


@dataclass(frozen=True)
class Companies:
    """Companies by number: city, industry, form of the name."""

    name: pl.Series
    short: pl.Series
    city: Ints
    industry: Ints


def invent(world: World, org: Organisation, place: Market, territory: Ints) -> Companies:
    """A company in the region of each territory. No two share a name: brands are dealt out city by city."""
    dice = world.dice("companies")
    count, region = len(territory), org.region_of(territory)
    city = np.empty(count, dtype=np.int64)
    for number in range(int(place.city_region.max()) + 1):
        rows, here = np.flatnonzero(region == number), np.flatnonzero(place.city_region == number)
        city[rows] = here[weighted(dice, place.city_weight[here], len(rows))]
    industry = weighted(dice, place.industry_weight, count)
    brand = brands(dice, city)
    form = weighted(dice, [weight for _, weight in words("market")["words"]["forms"]], count)
    short = joined(pick(place.cities, city), brand)
    return Companies(
        name=joined(
            short, trades(dice, place, industry), pick([name for name, _ in words("market")["words"]["forms"]], form)
        ),
        short=short,
        city=city,
        industry=industry,
    )


def brands(dice: np.random.Generator, city: Ints) -> pl.Series:
    """A brand of two or three characters for each company, none twice in a city."""
    source = words("market")["words"]
    pairs = [first + second for first in source["brand_first"] for second in source["brand_second"]]
    dealt = np.array(pairs)[dice.permutation(len(pairs))]
    options = texts([*dealt, *(pair + third for third in source["brand_third"] for pair in dealt)])
    order = np.argsort(city, kind="stable")
    starts = np.searchsorted(city[order], np.arange(int(city.max()) + 1 if len(city) else 0))
    turn = np.empty(len(city), dtype=np.int64)
    turn[order] = np.arange(len(city)) - starts[city[order]]
    again, at = np.divmod(turn, len(options))
    spread = np.where(at < len(pairs), (at + city * 97) % len(pairs), at)  # cities do not begin with the same brands
    plain = pick(options, spread)
    return (
        plain
        if again.max(initial=0) == 0
        else joined(plain, pick(["", *(f"{n}分" for n in range(2, again.max() + 2))], again))
    )


def trades(dice: np.random.Generator, place: Market, industry: Ints) -> pl.Series:
    """What the company makes, in its name."""
    flat = [word for options in place.words for word in options]
    sizes = np.array([len(options) for options in place.words])
    starts = np.r_[0, np.cumsum(sizes)[:-1]]
    return pick(flat, starts[industry] + (dice.random(len(industry)) * sizes[industry]).astype(np.int64))


def credit_codes(count: int) -> pl.Series:
    """Unified social credit codes of 18 characters with a right check letter (GB 32100-2015), of nowhere."""
    letters = np.frombuffer(CREDIT_LETTERS.encode(), dtype=np.uint8)
    head = np.array([CREDIT_LETTERS.index(letter) for letter in f"91{NOWHERE}"])
    tail = np.arange(count)[:, None] // 31 ** np.arange(8, -1, -1) % 31
    digits = np.hstack([np.broadcast_to(head, (count, 8)), tail])
    check = (31 - digits @ np.array(CREDIT_WEIGHTS) % 31) % 31
    raw = letters[np.column_stack([digits, check])]
    return pl.Series("code", np.ascontiguousarray(raw).view("S18").ravel()).cast(pl.String)


def phones(first: int, count: int) -> pl.Series:
    """Mobile numbers of the prefix 194, which no operator has been given."""
    return joined("194", numbered(np.arange(first, first + count), 8))


def sites(first: int, count: int) -> pl.Series:
    """Host names under a domain reserved for examples (RFC 2606)."""
    return joined("k", numbered(np.arange(first, first + count), 6), ".example.com")


def person_names(dice: np.random.Generator, count: int) -> tuple[pl.Series, pl.Series]:
    """Chinese names, and the same in pinyin."""
    surnames = [line.split() for line in words("market")["words"]["surnames"]]
    given = [line.split() for line in words("market")["words"]["given"]]
    family = weighted(dice, [float(item[2]) for item in surnames], count)
    own = dice.integers(0, len(given), count)
    return (
        joined(pick([item[0] for item in surnames], family), pick([item[0] for item in given], own)),
        joined(pick([item[1] for item in surnames], family), pick([item[1] for item in given], own)),
    )
