"""A sale goes the whole way over REST alone, and the numbers and histories tell it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from dashboard import jobs
from tests import whole_sale
from tests.api.calling import Api
from tests.selling import company_today, set_targets
from tests.whole_sale import People, Sale


def people_of(api: Api) -> People:
    """The department's people, logged in."""
    desk = api.desk
    return People(api("rep"), api("manager"), api("admin"), desk.teams["north"], desk.people)


def measured(api: Api, sale: Sale) -> dict[str, float]:
    """The rep's won amount and attainment, and how far the deals of the funnel got, as the manager sees them."""
    desk = jobs.Running.desk
    assert desk is not None
    desk.refresh("write")
    manager = sale.people.manager
    today = company_today()
    window = {"from": today.replace(day=1).isoformat(), "to": (today + dt.timedelta(days=1)).isoformat()}
    won = manager.get("/metrics/won_amount", **window)["rows"][0]["value"]
    funnel = manager.get("/metrics/funnel", by="stage", **window)["rows"]
    return {"won": float(won), **{str(row["stage"]): float(row["value"]) for row in funnel}}


def test_a_sale_goes_from_the_web_to_the_last_payment(api: Api) -> None:
    set_targets(api.desk)
    people = people_of(api)
    key = whole_sale.prepared(people)
    before = measured(api, Sale(people))
    sale = whole_sale.sell(people, key)
    assert whole_sale.standing(sale) == {
        "lead": ("converted", True, True),
        "deal": ("won", "1501.0000", "lines", True),
        "contract": ("signed", "1501.0000", True),
        "order": ("confirmed", "delivered", "paid", "0.0000"),
    }
    after = measured(api, sale)
    assert Decimal(str(after["won"])) - Decimal(str(before["won"])) == Decimal(whole_sale.TOTAL)
    grown = {stage: after[stage] - before.get(stage, 0) for stage in after if stage != "won"}
    assert set(grown.values()) == {1}, "it went through every stage"
    told = whole_sale.histories(sale)
    assert [verb for verb, _ in told["lead"]][-4:] == ["update", "contact", "qualify", "convert"]
    assert ("claim", "rep") in told["lead"]
    assert [verb for verb, _ in told["deal"] if verb in ("advance", "win")] == ["advance"] * 3 + ["win"]
    assert ("approve", "manager") in told["contract"]
