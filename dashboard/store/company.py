"""What the company decided once: currency, time zone, start of the fiscal year. The store rules over the settings."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import duckdb
from sqlalchemy import insert, select

from dashboard.store.engine_duckdb import rows, run
from dashboard.store.schema import own_table

SETTINGS = own_table("company_settings")


class Company(NamedTuple):
    """The company's own settings."""

    currency: str
    zone: str
    fiscal_year_start_month: int
    demo: bool = False

    def today(self) -> date:
        """The business day in the company's zone."""
        return datetime.now(ZoneInfo(self.zone)).date()

    def day_of(self, moment: datetime) -> date:
        """The business day of a moment in naive UTC."""
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(self.zone)).date()


def read(cursor: duckdb.DuckDBPyConnection) -> Company | None:
    """The company's settings; None before `init`."""
    found = dict(rows(cursor, select(SETTINGS.c.name, SETTINGS.c.setting)))
    if "currency" not in found:
        return None
    return Company(found["currency"], found["zone"], int(found["fiscal_year_start_month"]), found.get("demo") == "yes")


def write(cursor: duckdb.DuckDBPyConnection, company: Company) -> None:
    """Write the settings of a new store."""
    values = {
        "currency": company.currency,
        "zone": company.zone,
        "fiscal_year_start_month": str(company.fiscal_year_start_month),
        "demo": "yes" if company.demo else "no",
    }
    for name, setting in values.items():
        run(cursor, insert(SETTINGS).values(name=name, setting=setting))
