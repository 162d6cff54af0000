"""Contracts over REST from the template to the signature: draft, compare, decide, sign, print."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from tests.api.calling import Api, Person, fields_at_fault
from tests.contracting import PDF, house, template
from tests.selling import company_today


def verb(person: Person, record: dict[str, Any], name: str, status: int = 200, **body: Any) -> dict[str, Any]:
    """One verb on a contract."""
    found = person.call("POST", f"/contracts/{record['id']}/{name}", json=body)
    assert found.status_code == status, found.text
    return dict(found.json())


def test_a_contract_goes_from_the_template_to_both_signatures_over_rest(api: Api) -> None:
    desk, rep, manager = api.desk, api("rep"), api("manager")
    house(desk)
    customer = desk.make("customer", owner_id=desk.people["rep"], name="Harbour Works")
    made = template(desk, "{{customer.name}} buys.", (("Price", "It costs {{contract.amount}}."),))
    record = rep.make(
        "contracts", name="Cranes", customer_id=customer, owner_id=desk.people["rep"], template_id=made, amount="100"
    )
    address = f"/contracts/{record['id']}"
    assert rep.get(f"{address}/wording")["wording"]["preamble"] == [{"text": "Harbour Works buys."}]
    assert rep.change(address, record["version"], amount="250").status_code == 200
    sections = rep.get(f"{address}/differences", before=1, after=2)["sections"]
    assert [(one["title"], one["change"]) for one in sections if one["change"] != "same"] == [
        ("@head", "changed"),
        ("Price", "changed"),
    ]
    verb(rep, record, "submit")
    waiting = manager.get("/approval-runs", record_id=record["id"])["items"]
    assert [(one["person_id"], one["status"]) for one in waiting] == [(desk.people["manager"], "pending")]
    assert verb(rep, record, "approve", 403)["code"] == "access.forbidden"
    assert verb(manager, record, "reject", 422)["errors"][0]["field"] == "decision_note"
    assert verb(manager, record, "approve", decision_note="fine")["step"] == "approved"
    assert verb(manager, record, "approve", 409)["code"] == "verb.not_allowed"
    refusal = rep.change(address, int(rep.get(address)["version"]), amount="1")
    assert (refusal.status_code, refusal.json()["code"]) == (409, "verb.not_allowed")
    assert manager.change(address, int(rep.get(address)["version"]), amount="1").json()["code"] == "contract.fixed"
    verb(rep, record, "send")
    file = rep.call("POST", f"{address}/files", files={"file": ("signed.pdf", PDF)}).json()
    said = {"signed_on": company_today().isoformat(), "our_signer_id": desk.people["manager"], "their_signer": "李喆"}
    assert verb(rep, record, "sign", 409, **said)["code"] == "contract.no_evidence"
    future = (company_today() + dt.timedelta(days=2)).isoformat()
    assert fields_at_fault(
        verb(rep, record, "sign", 422, **{**said, "signed_on": future, "signed_file_id": file["id"]})
    )
    done = verb(rep, record, "sign", **said, signed_file_id=file["id"])
    assert (done["step"], done["signing"]) == ("signed", "paper")
    assert done["body_sha256"] == rep.get(f"{address}/wording")["sha256"]
    assert verb(rep, record, "sign", 409, **said)["code"] == "verb.not_allowed"
    assert verb(manager, record, "amend", why="two more")["step"] == "signed"
    (draft,) = rep.get("/contracts", amends_id=record["id"])["items"]
    assert (draft["step"], draft["amount"]) == ("draft", "250.0000")
    told = [row["verb"] for row in rep.get(f"{address}/history")["items"]]
    assert told == ["create", "update", "submit", "approve", "send", "sign", "amend"]


def test_a_contract_is_printed_with_its_number_and_hash(api: Api) -> None:
    desk, rep = api.desk, api("rep")
    record = rep.make(
        "contracts",
        name="与李喆、王玥的合同",
        customer_id=desk.make("customer", owner_id=desk.people["rep"]),
        owner_id=desk.people["rep"],
        amount="1234.50",
        body="甲方与乙方订立本合同。",
    )
    found = rep.call("GET", f"/contracts/{record['id']}/pdf")
    assert found.status_code == 200, found.text
    assert (found.headers["content-type"], found.content[:5]) == ("application/pdf", b"%PDF-")
    assert f"{record['number']}.pdf" in found.headers["content-disposition"]
    fonts = {name.split(b"+")[1] for name in re.findall(rb"/BaseFont\s*/([\w+-]+)", found.content)}
    assert fonts == {b"NotoSerifSC-Regular", b"NotoSansSC-Bold"}


def test_what_a_contract_says_is_not_for_everybody(api: Api) -> None:
    desk = api.desk
    record = desk.make("contract", owner_id=desk.people["rep"], body="secret")
    for word in ("wording", "pdf", "differences?before=1"):
        api("support").refused("GET", f"/contracts/{record}/{word}", 403)
        api("stranger").refused("GET", f"/contracts/{record}/{word}", 404)
        assert api("leader").call("GET", f"/contracts/{record}/{word}").status_code == 200
    rep = api("rep")
    rep.refused("GET", f"/contracts/{record}/wording?edition=99", 404)
    rep.refused("GET", f"/contracts/{record}/wording?edition=x", 400)
    rep.refused("GET", f"/contracts/{record}/differences", 400)
    rep.refused("GET", f"/contracts/{record}/wording?other=1", 400)
