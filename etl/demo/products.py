"""What deals are about: product lines with quantity, discount and amount."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from etl.demo.columns import Floats, Ints, Texts, texts, weighted
from etl.demo.world import World, words

DISCOUNTS = (0, 2, 3, 5, 8, 10, 12, 15, 20)  # percent
DISCOUNT_WEIGHTS = (22, 10, 10, 18, 14, 12, 7, 5, 2)
MORE_LINES = (0.42, 0.14)  # deals with a second and a third line
LINES = 3
LARGEST = np.log(40)  # times the typical quantity: beyond it nobody would believe the order


@dataclass(frozen=True)
class Products:
    """The catalogue by number; amounts in yuan."""

    ids: pl.Series
    names: tuple[str, ...]
    code: Texts
    price: Ints
    typical: Floats
    spread: Floats
    weight: Floats
    win: Floats
    repeat: Floats


@dataclass(frozen=True)
class Lines:
    """Up to three lines a deal, as matrices deals × 3; product -1 where there is no line. Amounts in yuan."""

    product: Ints
    quantity: Ints
    discount: Ints
    amount: Ints


def catalogue(world: World) -> Products:
    """The products of the word list. Those that the store knows by code keep to the store's rows."""
    items = words("market")["product"]
    return Products(
        ids=world.ids("product", np.full(len(items), world.clock.months_ago(72))),
        names=tuple(item["name"] for item in items),
        code=np.array([item["code"] for item in items]),
        price=np.array([item["list_price"] for item in items], dtype=np.int64),
        typical=np.array([item["typical"] for item in items], dtype=np.float64),
        spread=np.array([item["spread"] for item in items]),
        weight=np.array([item["weight"] for item in items], dtype=np.float64),
        win=np.array([item["win"] for item in items]),
        repeat=np.array([item.get("repeat", 0) for item in items], dtype=np.float64),
    )


def draw_lines(world: World, products: Products, size: Floats) -> Lines:
    """The lines of each deal; `size` is how much larger than usual the customer buys."""
    dice, count = world.dice("lines"), len(size)
    product = np.full((count, LINES), -1, dtype=np.int64)
    product[:, 0] = weighted(dice, products.weight, count)
    has = np.ones(count, dtype=bool)
    for place, share in enumerate(MORE_LINES, start=1):
        other = (product[:, place - 1] + 1 + dice.integers(0, len(products.price) - 2, count)) % len(products.price)
        has &= (dice.random(count) < share) & (other != product[:, 0])
        product[:, place] = np.where(has, other, -1)
    known = product.clip(0)
    later = np.array([0.0, -0.5, -0.7])  # what is added is smaller
    times = products.spread[known] * dice.normal(size=known.shape) + size[:, None] + later
    logs = np.log(products.typical[known]) + np.minimum(times, LARGEST)
    quantity = np.maximum(np.rint(np.exp(logs)), 1).astype(np.int64)
    discount = np.array(DISCOUNTS)[weighted(dice, DISCOUNT_WEIGHTS, count)][:, None].repeat(LINES, axis=1)
    amount = products.price[known] * quantity * (100 - discount) // 100
    present = product >= 0
    return Lines(product, quantity * present, discount * present, amount * present)


def product_columns(world: World, products: Products) -> dict[str, pl.Series | object]:
    """The catalogue as columns of new records."""
    items = words("market")["product"]
    return {
        "name": texts(products.names),
        "code": texts([item["code"] for item in items]),
        "family": texts([item["family"] for item in items]),
        "unit_label": texts([item["unit"] for item in items]),
        "list_price": pl.Series(products.price),
        "currency": "CNY",
        "active": True,
    }
