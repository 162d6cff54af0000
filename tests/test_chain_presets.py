"""A whole chain from a lead to the lines of an order, from a Zoho-like and a Salesforce-like export, and back again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashboard.actions import imports
from dashboard.domain.access import operator
from dashboard.domain.entities import RECORDS
from dashboard.domain.queries import Condition, Operator
from etl.ingest import Source, load_plan, preset, sources_from
from tests.department import Desk

SAMPLES = Path(__file__).parent / "samples"


@dataclass
class Chain:
    """A department into which a sample was imported as the administrator."""

    name: str
    desk: Desk
    before: dict[str, int]
    done: imports.Imported

    def by(self, entity: str, external_id: str) -> dict[str, Any]:
        """The record that came from this id."""
        where = [Condition("source", Operator.EQ, self.name), Condition("external_id", Operator.EQ, external_id)]
        found = self.desk.store.find(operator(), entity, where)
        assert found.height == 1, (entity, external_id)
        return found.row(0, named=True)


IDS: dict[str, dict[str, tuple[str, ...]]] = {
    "zoho_like": {
        "customer": ("zcrm_1001", "zcrm_1002"),
        "contact": ("zcrm_2001",),
        "deal": ("zcrm_3001", "zcrm_3002", "zcrm_3003"),
        "lead": ("zcrm_4001", "zcrm_4002", "zcrm_4003"),
        "order": ("zcrm_6001",),
        "order_line": ("zcrm_7001", "zcrm_7002"),
    },
    "salesforce_like": {
        "customer": ("0011", "0012"),
        "contact": ("0031",),
        "deal": ("0061", "0062", "0063"),
        "lead": ("00Q1", "00Q2", "00Q3"),
        "order": ("8011",),
        "order_line": ("8021", "8022"),
    },
}


def counts(desk: Desk) -> dict[str, int]:
    """How many living records there are of each kind; the credit that a win makes comes and goes with its deal."""
    aside = ("import_batch", "deal_credit")
    return {name: desk.store.count(operator(), name) for name in RECORDS if name not in aside}


@pytest.fixture(params=IDS)
def chain(request: pytest.FixtureRequest, desk: Desk) -> Chain:
    """One of the samples, imported."""
    desk.do("operator", "person", "update", desk.people["rep"], email="rep@example.com")
    desk.make("exchange_rate", currency="USD", valid_on=date(2026, 1, 1), rate=Decimal(7))
    before = counts(desk)
    rehearsal = imports.rehearse(
        desk.store, desk.actor("admin"), sources_from([SAMPLES / request.param]), preset(request.param)
    )
    assert (rehearsal.questions, rehearsal.reasons.rows()) == ((), [])
    return Chain(request.param, desk, before, imports.commit(desk.store, desk.actor("admin"), rehearsal))


def test_the_chain_hangs_together_and_undo_takes_all_of_it_back(chain: Chain) -> None:
    desk, ids = chain.desk, IDS[chain.name]
    crane, dairy = (chain.by("customer", one) for one in ids["customer"])
    anna = chain.by("contact", ids["contact"][0])
    won, lost, open_ = (chain.by("deal", one) for one in ids["deal"])
    converted, later, gone = (chain.by("lead", one) for one in ids["lead"])
    order, lines = chain.by("order", ids["order"][0]), [chain.by("order_line", one) for one in ids["order_line"]]

    assert (crane["name"], crane["employees"], crane["address"]) == (
        "Harbour Crane Ltd",
        120,
        "1 Quay Road, Hamburg, Germany",
    )
    assert crane["owner_id"] == desk.people["rep"], "found by e-mail"
    newcomer = desk.row("person", dairy["owner_id"])
    assert (newcomer["username"], newcomer["roles"]) == (None, ["rep"]), "who is unknown is made without a login"
    assert dairy["address"] == "Oslo, Norway"
    assert (anna["name"], anna["customer_id"], anna["phone"]) == ("Anna Kran", crane["id"], "+49 151 2345678")

    assert (won["stage_type"], won["closed_on"], won["amount"]) == ("won", date(2026, 4, 20), Decimal("125000.50"))
    assert (lost["stage_type"], lost["closed_on"]) == ("lost", date(2026, 5, 15))
    assert (lost["competitor_id"] is not None, lost["lost_reason_id"] is not None) == (True, True)
    stages = {row["id"]: row["code"] for row in desk.store.reference("stage").to_dicts()}
    assert (stages[open_["stage_id"]], open_["currency"], open_["base_amount"]) == ("negotiation", "USD", 63_000)
    assert won["source_id"] == open_["source_id"] == converted["source_id"], "Trade Show and trade show are one"

    assert (converted["status"], converted["converted_on"]) == ("converted", date(2026, 2, 1))
    assert (converted["customer_id"], converted["contact_id"], converted["deal_id"]) == (
        crane["id"],
        anna["id"],
        won["id"],
    )
    assert won["lead_id"] == converted["id"], "linked back"
    assert later["status"] in ("nurture", "contacted")
    assert (gone["status"] in ("junk", "unqualified"), gone["company"]) == (True, "Spammer")

    assert (order["status"], order["deal_id"], order["customer_id"]) == ("confirmed", won["id"], crane["id"])
    assert (order["ordered_on"], order["amount"]) == (date(2026, 4, 21), Decimal("125000.50"))
    assert sum(line["amount"] for line in lines) == order["amount"]
    assert {line["order_id"] for line in lines} == {order["id"]}
    names = desk.store.labels("product", [line["product_id"] for line in lines], "en")
    assert set(names.values()) == {"Crane 40 t", "Assembly"}
    assert desk.store.check() == []

    again = imports.rehearse(desk.store, operator(), sources_from([SAMPLES / chain.name]), preset(chain.name))
    assert (again.total["create"], again.total["update"], again.total["rejected"]) == (0, 0, 0), again.reasons.rows()
    imports.undo(desk.store, desk.actor("admin"), str(chain.done.number))
    assert counts(desk) == chain.before
    assert desk.store.check() == []


LOST = """
[[record]]
entity = "deal"
file = "*"
[record.fields]
name = "name"
created_on = "from"
[[record.steps]]
verb = "lose"
fields.closed_on = "to"
fields.lost_reason_id = { value = "other", within = { list = "lost_reason" } }
"""


@pytest.mark.parametrize("who", ["rep", "manager", "admin"])
def test_a_lost_deal_of_the_past_needs_no_competitor_and_no_note(shared_desk: Desk, who: str) -> None:
    """People who lose a deal must say to whom, and why in words; a file of another system often cannot."""
    desk, name = shared_desk, f"Lost by {who}"
    source = Source("lost.csv", f"name,from,to\n{name},2026-01-05,2026-02-01\n".encode())
    rehearsal = imports.rehearse(desk.store, desk.actor(who), (source,), load_plan(LOST, "lost"))
    assert rehearsal.reasons.rows() == []
    imports.commit(desk.store, desk.actor(who), rehearsal)
    deal = desk.one("deal", name=name)
    unknown = desk.one("list_value", list="competitor", code="unknown")
    assert (deal["stage_type"], deal["competitor_id"], deal["close_note"]) == ("lost", unknown["id"], None)
