"""One sale from the first word on a web page to the last payment, over REST alone: each step by whoever does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.api.calling import Person
from tests.selling import company_today as today
from tests.selling import this_quarter

COMPANY = "Lakeside Foundry"
PHONE = {"rest": "13900000001", "pages": "13900000002"}
CONSENT = "I agree to be contacted."
LINES = (("10", "100"), ("2", "250.50"))
TOTAL = "1501.00"
OWN_TARGET = 200_000
"""The rep's target of the quarter, see selling.py."""
STAGES = ("qualification", "proposal", "negotiation")
PARTS = {"lead": "leads", "customer": "customers", "deal": "deals", "contract": "contracts", "order": "orders"}


@dataclass
class People:
    """Who takes part, each with a bearer token; north: their pool, ids: who is who."""

    rep: Person
    manager: Person
    admin: Person
    north: str
    ids: Mapping[str, str]


@dataclass
class Sale:
    """What was made on the way: the id of each record by entity."""

    people: People
    name: str = COMPANY
    ids: dict[str, str] = field(default_factory=dict)

    def at(self, entity: str) -> str:
        """Where a record of the sale is found."""
        return f"/{PARTS[entity]}/{self.ids[entity]}"


def post(person: Person, path: str, status: int = 200, **body: Any) -> Any:
    """One request that must succeed."""
    found = person.call("POST", path, json=body)
    assert found.status_code == status, (path, found.text)
    return found.json() if found.content else None


def prepared(people: People) -> str:
    """What the administrator and the manager keep: a web form with its key, our company, a template; gives the key."""
    post(people.admin, "/legal-entities", 201, name="北方设备", name_en="Northern Machines")
    template = post(people.manager, "/contract-templates", 201, team_id=people.north, **TEMPLATE)
    post(people.manager, "/clauses", 201, template_id=template["id"], rank=1, **CLAUSE)
    form = post(people.admin, "/web-forms", 201, name="Site", team_id=people.north, consent_text=CONSENT)
    return str(post(people.admin, f"/web-forms/{form['id']}/keys", 201)["key"])


TEMPLATE = {"name": "Sale", "language": "en", "body": "{{customer.name}} and {{company.name}} agree on {{deal.name}}."}
CLAUSE = {"title": "Price", "body": "The price is {{contract.amount}}.\n\n{{deal.lines}}"}


def asked_on_the_web(people: People, key: str, company: str, phone: str) -> None:
    """Somebody fills in the form on a page of ours; a browser would send the same."""
    told = {"company": company, "person_name": "Li Zhe", "phone": phone, "consent": "yes"}
    found = people.rep.client.post("/api/v1/web-leads", headers={"X-Form-Key": key}, json=told)
    assert found.status_code == 202, found.text


def sell(people: People, key: str, company: str = COMPANY) -> Sale:
    """The whole way."""
    sale = Sale(people, company)
    asked_on_the_web(people, key, company, PHONE["rest"])
    for step in (won_over, agreed, delivered, paid):
        step(sale)
    return sale


def won_over(sale: Sale) -> None:
    """Claimed from the pool, qualified, converted, led through the stages and won."""
    rep = sale.people.rep
    [found] = rep.get("/leads", company=sale.name)["items"]
    assert found["phone"] == "139****0001", "masked until it is claimed"
    sale.ids["lead"] = found["id"]
    post(rep, f"{sale.at('lead')}/claim")
    needs = {"need_tags": ["new_purchase"], "budget": TOTAL, "authority": "decides", "timing": "now"}
    seen = rep.get(sale.at("lead"))
    assert seen["phone"] == PHONE["rest"]
    assert rep.change(sale.at("lead"), seen["version"], **needs).status_code == 200
    post(rep, f"{sale.at('lead')}/contact")
    post(rep, f"{sale.at('lead')}/qualify")
    made = post(rep, f"{sale.at('lead')}/convert", deal={"name": f"{sale.name} deal"})
    sale.ids |= {"customer": made["customer_id"], "deal": made["deal_id"], "contact": made["contact_id"]}
    products = rep.get("/products", limit=1)["items"]
    for rank, (quantity, price) in enumerate(LINES):
        line = {"product_id": products[0]["id"], "quantity": quantity, "price": price, "rank": rank}
        post(rep, "/deal-products", 201, deal_id=sale.ids["deal"], **line)
    deal = rep.get(sale.at("deal"))
    assert rep.change(sale.at("deal"), deal["version"], amount_from="lines").status_code == 200
    stages = {row["code"]: row["id"] for row in rep.get("/stages")["items"]}
    for code in STAGES:
        post(rep, f"{sale.at('deal')}/advance", stage_id=stages[code])
    won = post(rep, f"{sale.at('deal')}/win", closed_on=today().isoformat())
    assert won["base_amount"] == f"{TOTAL}00"


def agreed(sale: Sale) -> None:
    """Drafted from the template, approved by the manager, sent and signed by both sides."""
    rep = sale.people.rep
    about = {"customer_id": sale.ids["customer"], "deal_id": sale.ids["deal"], "contact_id": sale.ids["contact"]}
    terms = {"name": f"{sale.name} contract", "amount": TOTAL, "owner_id": sale.people.ids["rep"]}
    sale.ids["contract"] = post(rep, "/contracts", 201, **about, **terms)["id"]
    template = rep.get("/contract-templates", name=TEMPLATE["name"])["items"][0]["id"]
    post(rep, f"{sale.at('contract')}/draft", template_id=template)
    told = str(rep.get(f"{sale.at('contract')}/wording"))
    assert f"{sale.name} and Northern Machines agree on {sale.name} deal." in told
    post(rep, f"{sale.at('contract')}/submit")
    post(sale.people.manager, f"{sale.at('contract')}/approve")
    post(rep, f"{sale.at('contract')}/send")
    signed = {"signed_on": today().isoformat(), "their_signer": "Li Zhe", "their_evidence": "e-mail"}
    done = post(rep, f"{sale.at('contract')}/sign", our_signer_id=sale.people.ids["rep"], **signed)
    assert (done["step"], done["base_amount"]) == ("signed", f"{TOTAL}00")


def delivered(sale: Sale) -> None:
    """Ordered from the contract, confirmed, and sent in two parts."""
    rep = sale.people.rep
    order = post(rep, f"{sale.at('contract')}/order", 201)
    sale.ids["order"] = order["id"]
    assert order["amount"] == f"{TOTAL}00"
    post(rep, f"{sale.at('order')}/confirm", promised_on=today().isoformat())
    lines = rep.get("/order-lines", order_id=order["id"])["items"]
    first = [{"order_line_id": next(row["id"] for row in lines if row["quantity"] == "10.000000"), "quantity": "4"}]
    sent = today().isoformat()
    for part in ({"lines": first}, {}):
        shipment = post(rep, f"{sale.at('order')}/ship", 201, shipped_on=sent, carrier="SF", **part)
        arrived = rep.change(f"/shipments/{shipment['id']}", shipment["version"], delivered_on=sent)
        assert arrived.status_code == 200, arrived.text


def paid(sale: Sale) -> None:
    """Paid in two parts, and no cent more."""
    rep = sale.people.rep
    about = {"customer_id": sale.ids["customer"], "contract_id": sale.ids["contract"], "order_id": sale.ids["order"]}
    about |= {"paid_on": today().isoformat(), "method": "transfer"}
    post(rep, "/payments", 201, amount="500", **about)
    post(rep, "/payments", 201, amount="1001", **about)
    assert post(rep, "/payments", 409, amount="0.01", **about)["code"] == "payment.too_much"


def standing(sale: Sale) -> dict[str, Any]:
    """Where everything of a sale stands at its end, ids, numbers and times aside."""
    rep = sale.people.rep
    lead, deal, contract, order = (rep.get(sale.at(entity)) for entity in ("lead", "deal", "contract", "order"))
    return {
        "lead": (lead["status"], lead["customer_id"] == sale.ids["customer"], lead["deal_id"] == sale.ids["deal"]),
        "deal": (deal["stage_type"], deal["base_amount"], deal["amount_from"], deal["lead_id"] == sale.ids["lead"]),
        "contract": (contract["step"], contract["base_amount"], fulfilled(sale)),
        "order": (order["status"], order["delivery_state"], order["payment_state"], order["due"]),
    }


def fulfilled(sale: Sale) -> bool:
    """Whether the contract is among the fulfilled ones."""
    found = sale.people.rep.get("/contracts", standing="fulfilled", customer_id=sale.ids["customer"])
    return [row["id"] for row in found["items"]] == [sale.ids["contract"]]


def histories(sale: Sale) -> dict[str, list[tuple[str, str]]]:
    """What was done to each record of the sale, and by whom, oldest first; what follows by itself aside."""
    names = {person: name for name, person in sale.people.ids.items()}
    told = {}
    for entity in PARTS:
        rows = sale.people.rep.get(f"{sale.at(entity)}/history", limit=100)["items"]
        told[entity] = [(row["verb"], names.get(row["actor_id"], row["actor_id"])) for row in rows]
    return told


def measured(people: People) -> dict[str, float]:
    """The rep's won amount and attainment, and deals and amounts of the funnel by stage, as the manager asks them."""
    quarter = this_quarter()
    window = {"from": quarter.since.isoformat(), "to": quarter.until.isoformat()}
    rows = people.manager.get("/metrics/attainment", by="person", **window)["rows"]
    own = next(row for row in rows if row["person"] == people.ids["rep"])
    funnel = people.manager.get("/metrics/funnel", by="stage", **window)["rows"]
    counts = {f"deals in {row['stage_label']}": row["value"] for row in funnel}
    amounts = {f"amount in {row['stage_label']}": row["amount"] for row in funnel}
    return {"won": own["won"], "attained": own["value"], **counts, **amounts}


def grown(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """By how much each number grew; a stage that nobody had reached had none."""
    return {name: round(value - before.get(name, 0), 9) for name, value in after.items()}
