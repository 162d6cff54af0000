"""Contracts of the department for tests: a template with clauses, our own company, and a contract of the rep."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dashboard.actions import files
from dashboard.domain.queries import Condition, Operator
from tests.builders import days_ago
from tests.department import Desk

PDF = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF\n"
PREAMBLE = "{{customer.name}} and {{company.name}} agree on {{deal.name}}."
CLAUSES = (("Price", "The price is {{contract.amount}} ({{contract.amount_words}})."), ("Goods", "{{deal.lines}}"))


def template(desk: Desk, body: str = PREAMBLE, clauses: tuple[tuple[str, str], ...] = CLAUSES, **more: Any) -> str:
    """A template in English with its clauses."""
    made = desk.make("contract_template", name=f"Sale {desk.store.revision}", language="en", body=body, **more)
    for rank, (title, text) in enumerate(clauses, start=1):
        desk.make("clause", template_id=made, title=title, body=text, rank=rank)
    return made


def house(desk: Desk) -> str:
    """Our own company."""
    found = desk.store.find(desk.actor("operator"), "legal_entity")["id"]
    return str(found[0]) if found.len() else desk.make("legal_entity", name="北方设备", name_en="Northern Machines")


def deal_of(desk: Desk, who: str = "rep") -> str:
    """A deal with two products."""
    customer = desk.make("customer", name="Harbour Works", owner_id=desk.people[who], credit_code=None)
    deal = desk.make("deal", name="Two cranes", customer_id=customer, owner_id=desk.people[who], currency="CNY")
    for price in ("1000.50", "200"):
        desk.make("deal_product", deal_id=deal, quantity=Decimal(2), price=Decimal(price))
    return deal


def contract(desk: Desk, who: str = "rep", *, by: str | None = None, **values: Any) -> str:
    """A contract of somebody, drafted by themselves."""
    known: dict[str, Any] = {"owner_id": desk.people[who], "amount": Decimal(2401), "currency": "CNY"}
    if "customer_id" not in values:
        known["customer_id"] = desk.make("customer", owner_id=desk.people[who])
    return desk.make("contract", who=by or who, **{**known, **values})


def runs(desk: Desk, record: str) -> list[tuple[str, str]]:
    """Who decides on a contract, and what became of it, in order."""
    where = [Condition("record_id", Operator.EQ, record)]
    found = desk.store.find(desk.actor("operator"), "approval_run", where).sort("created_at", "rank").to_dicts()
    names = {person: name for name, person in desk.people.items()}
    return [(names[row["person_id"]], row["status"]) for row in found]


def editions(desk: Desk, record: str) -> list[dict[str, Any]]:
    """The saved wordings of a contract."""
    where = [Condition("contract_id", Operator.EQ, record)]
    return desk.store.find(desk.actor("operator"), "contract_version", where).sort("edition").to_dicts()


def clauses(desk: Desk, record: str) -> list[dict[str, Any]]:
    """The clauses of a contract, in order."""
    where = [Condition("contract_id", Operator.EQ, record)]
    return desk.store.find(desk.actor("operator"), "contract_clause", where).sort("rank").to_dicts()


def approved(desk: Desk, who: str = "rep", **values: Any) -> str:
    """A contract of somebody in north that the manager approved."""
    record = contract(desk, who, **values)
    desk.do(who, "contract", "submit", record)
    desk.do("manager", "contract", "approve", record)
    return record


def signature(desk: Desk, who: str = "rep", **more: Any) -> dict[str, Any]:
    """What an acceptance in the application is told."""
    today = days_ago(0)
    told = {"signed_on": today, "our_signer_id": desk.people[who], "their_signer": "Li Zhe", "their_evidence": "e-mail"}
    return told | more


def paper(desk: Desk, record: str, who: str = "rep", content: bytes = PDF, name: str = "signed.pdf") -> str:
    """A signed paper, attached to a contract."""
    return files.attach(desk.store, desk.actor(who), "contract", record, name, content)


def sign(desk: Desk, contract: str) -> None:
    """All the way to the signature."""
    desk.do("operator", "contract", "submit", contract)
    for verb in ("approve", "sign"):
        desk.step("operator", "contract", verb, contract)
