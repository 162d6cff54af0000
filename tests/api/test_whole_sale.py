"""A sale goes the whole way over REST alone, and the numbers and histories tell it."""

from __future__ import annotations

from decimal import Decimal

from dashboard import jobs
from tests import whole_sale
from tests.api.calling import Api
from tests.selling import set_targets
from tests.whole_sale import OWN_TARGET, People


def people_of(api: Api) -> People:
    """The department's people, logged in."""
    desk = api.desk
    return People(api("rep"), api("manager"), api("admin"), desk.teams["north"], desk.people)


def measured(people: People) -> dict[str, float]:
    """The numbers, once they hold everything written so far."""
    assert jobs.Running.desk is not None
    jobs.Running.desk.refresh("write")
    return whole_sale.measured(people)


def test_a_sale_goes_from_the_web_to_the_last_payment(api: Api) -> None:
    set_targets(api.desk)
    people = people_of(api)
    key = whole_sale.prepared(people)
    before = measured(people)
    sale = whole_sale.sell(people, key)
    assert whole_sale.standing(sale) == {
        "lead": ("converted", True, True),
        "deal": ("won", "1501.0000", "lines", True),
        "contract": ("signed", "1501.0000", True),
        "order": ("confirmed", "delivered", "paid", "0.0000"),
    }
    more = whole_sale.grown(before, measured(people))
    total = Decimal(whole_sale.TOTAL)
    assert Decimal(str(more.pop("won"))) == total
    assert Decimal(str(more.pop("attained"))) == total / OWN_TARGET
    assert {value for name, value in more.items() if name.startswith("deals in ")} == {1}, "through every stage"
    assert {value for name, value in more.items() if name.startswith("amount in ")} == {float(total)}
    told = whole_sale.histories(sale)
    assert [verb for verb, _ in told["lead"]][-4:] == ["update", "contact", "qualify", "convert"]
    assert ("claim", "rep") in told["lead"]
    assert [verb for verb, _ in told["deal"] if verb in ("advance", "win")] == ["advance"] * 3 + ["win"]
    assert ("approve", "manager") in told["contract"]
