"""Currencies of rows: what an amount is in, and whether the store knows a rate for it."""

from __future__ import annotations

from datetime import date

import polars as pl

from dashboard.domain.casting import DTYPES
from dashboard.domain.fields import Entity, Kind
from dashboard.errors import Refused
from etl.ingest.case import Case
from etl.ingest.pool import Pool
from etl.ingest.prepare import SIGN, step_column

PRICED_ON = {
    "deal": ("closed_on", "created_on"),
    "order": ("ordered_on",),
    "payment": ("paid_on",),
    "contract": ("signed_on",),
    "target": ("starts_on",),
    "customer": ("created_on",),
}
"""The day that decides the rate, first one that is there; else today."""


def with_currency(case: Case, pool: Pool) -> None:
    """Fill in the currency: from the sign beside an amount, else from the map. A sign that contradicts is wrong."""
    if "currency" not in case.rows.entity.by_name:
        return
    sign, height = case.rows.frame[SIGN], case.height
    default = pl.repeat(pool.plan.currency, height, dtype=pl.String, eager=True)
    stated = case.given["currency"] if "currency" in case.given.columns else default
    case.blame((sign != stated) & sign.is_not_null() & stated.is_not_null(), "currency", "currency.contradicts", sign)
    filled = pl.select(pl.coalesce(stated, sign).alias("currency")).to_series()
    if filled.null_count() < height:
        case.given = case.given.with_columns(filled.alias("currency"))


def rates(pool: Pool) -> pl.DataFrame:
    """The known exchange rates by day."""
    return (
        pool.of("exchange_rate")
        .filter(pl.col("state") == "live")
        .select("currency", "valid_on", "rate")
        .sort("valid_on")
    )


def priced_on(case: Case, today: date) -> pl.Series:
    """The day that decides the rate of each row."""
    frames = [case.rows.frame.select(pl.col(column).alias(name)) for column, name in step_days(case)]
    frames += [case.given, case.before]
    days = [
        frame[name] for name in PRICED_ON.get(case.rows.entity.name, ()) for frame in frames if name in frame.columns
    ]
    return pl.select(pl.coalesce([*days, pl.repeat(today, case.height, dtype=pl.Date, eager=True)])).to_series()


def step_days(case: Case) -> list[tuple[str, str]]:
    """The columns of days that steps state, with their fields."""
    entity = case.rows.entity
    return [
        (step_column(at, name), name)
        for at, step in enumerate(case.rows.record.steps)
        for name in step.fields
        if entity.by_name[name].kind is Kind.DATE
    ]


def rate_on(currency: pl.Series, day: pl.Series, pool: Pool) -> pl.Series:
    """The last rate known on each day; null where there is none."""
    asked = pl.DataFrame({"currency": currency, "day": day}).with_row_index("at").sort("day")
    found = asked.join_asof(rates(pool), left_on="day", right_on="valid_on", by="currency", check_sortedness=False)
    return found.sort("at")["rate"]


def require_rate(pool: Pool) -> None:
    """A whole file in another currency than the company's needs at least one rate. Raises Refused (rate.missing)."""
    currency, own = pool.plan.currency, pool.known.currency
    if currency not in (None, own) and currency not in rates(pool)["currency"].to_list():
        raise Refused("rate.missing", currency=currency, base=own)


def check_rates(case: Case, pool: Pool, today: date) -> None:
    """Amounts in another currency than the company's need a rate, in the store, on or before their day."""
    entity, own = case.rows.entity, pool.known.currency
    if "base_amount" in entity.by_name and "currency" in case.given.columns:
        currency = case.given["currency"].fill_null(own)
        if (currency != own).any():
            missing = rate_on(currency, priced_on(case, today), pool).is_null() & (currency != own) & has_amount(case)
            case.blame(missing, "currency", "rate.missing", currency)
    else:
        convert_base(case, pool, today, base_fields(entity))


def base_fields(entity: Entity) -> list[str]:
    """The amounts that are kept in the company's currency."""
    return [f.name for f in entity.settable if f.kind is Kind.MONEY and f.unit == "base"]


def has_amount(case: Case) -> pl.Series:
    """Which rows state an amount, themselves or by a step that happened."""
    parts = [case.given["amount"].is_not_null()] if "amount" in case.given.columns else []
    for at, step in enumerate(case.rows.record.steps):
        if "amount" in step.fields:
            frame = case.rows.frame
            parts.append(frame[step_column(at, "amount")].is_not_null() & frame[step_column(at, "|when")])
    never = pl.repeat(False, case.height, dtype=pl.Boolean, eager=True)
    return pl.select(pl.any_horizontal([*parts, never])).to_series()


def convert_base(case: Case, pool: Pool, today: date, names: list[str]) -> None:
    """Amounts that are kept in the company's currency are converted at the rate of their day."""
    sign, own = case.rows.frame[SIGN], pool.known.currency
    currency = pl.select(pl.coalesce(sign, pl.lit(pool.plan.currency, pl.String)).fill_null(own)).to_series()
    names = [name for name in names if name in case.given.columns]
    if not names or (currency == own).all():
        return
    foreign = currency != own
    rate = rate_on(currency, priced_on(case, today), pool)
    for name in names:
        amount = case.given[name]
        case.blame(foreign & amount.is_not_null() & rate.is_null(), name, "rate.missing", currency)
        product = (amount.cast(pl.Decimal(38, 4)) * rate.cast(pl.Decimal(38, 6))).round(2, mode="half_away_from_zero")
        value = pl.select(
            pl.when(foreign).then(product.cast(DTYPES[Kind.MONEY], strict=False)).otherwise(amount).alias(name)
        )
        case.given = case.given.with_columns(value[name])
