"""Gates of the stages in the write path: what a move must have, which stages count, who is held; and lost deals."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from dashboard.actions import files
from dashboard.domain.changes import Change
from dashboard.domain.ids import new_id
from dashboard.errors import Forbidden, Invalid, Refused, SalesDeskError, Stale
from tests.builders import frame_of, now
from tests.contracting import PDF
from tests.department import Desk
from tests.selling import company_today

TODAY = company_today()


@pytest.fixture(autouse=True)
def gates(shared_desk: Desk) -> Iterator[Desk]:
    """Proposal asks for a contact's visit and an amount, negotiation for products and a closing day."""
    asked: dict[str, dict[str, Any]] = {
        "proposal": {"required_fields": ["amount"], "required_evidence": ["visit"]},
        "negotiation": {"required_fields": ["expected_close_on"], "required_evidence": ["products"]},
    }
    for code, values in asked.items():
        shared_desk.do("admin", "stage", "update", stage(shared_desk, code), **values)
    yield shared_desk
    for code in ("prospecting", "qualification", "proposal", "negotiation", "won", "lost"):
        shared_desk.do(
            "admin",
            "stage",
            "update",
            stage(shared_desk, code),
            required_fields=[],
            required_evidence=[],
            may_go_back=True,
            active=True,
        )


def stage(desk: Desk, code: str) -> str:
    """The id of a stage."""
    return str(desk.one("stage", code=code)["id"])


def a_deal(desk: Desk, **values: Any) -> str:
    """An open deal of the rep in its first stage."""
    return desk.make("deal", owner_id=desk.people["rep"], **values)


def visit(desk: Desk, deal: str) -> Change:
    """An interaction that tells of a visit."""
    row = {"id": new_id(), "deal_id": deal, "author_id": desk.people["rep"], "kind": "visit", "direction": "outgoing"}
    return Change("interaction", "create", frame_of("interaction", row | {"happened_at": now()}))


def missing(desk: Desk, deal: str, code: str, who: str = "rep", **values: Any) -> list[str]:
    """What a move to a stage lacks."""
    with pytest.raises(Refused) as refusal:
        desk.do(who, "deal", "advance", deal, stage_id=stage(desk, code), **values)
    assert refusal.value.code == "stage.gate"
    return list(refusal.value.values["missing"])  # type: ignore[call-overload]


def test_a_move_needs_what_its_stage_and_every_skipped_one_require(shared_desk: Desk) -> None:
    desk = shared_desk
    deal = a_deal(desk)
    desk.do("rep", "deal", "advance", deal, stage_id=stage(desk, "qualification"))
    assert missing(desk, deal, "proposal") == ["amount", "visit"]
    assert missing(desk, deal, "negotiation") == ["amount", "expected_close_on", "visit", "products"]
    assert missing(desk, deal, "negotiation", "manager", amount=Decimal(5)) == [
        "expected_close_on",
        "visit",
        "products",
    ]
    row = {"id": deal, "version": desk.version("deal", deal), "stage_id": stage(desk, "proposal"), "amount": Decimal(7)}
    desk.submit("rep", Change("deal", "advance", frame_of("deal", row)), visit(desk, deal))
    assert desk.row("deal", deal)["stage_id"] == stage(desk, "proposal"), "filled in and told with the move"
    with pytest.raises(Refused) as refusal:
        desk.do("rep", "deal", "win", deal, closed_on=TODAY)
    assert refusal.value.values["missing"] == ["expected_close_on", "products"], "a win skips nothing"
    desk.make("deal_product", deal_id=deal, quantity=Decimal(1))
    desk.do("rep", "deal", "win", deal, closed_on=TODAY, expected_close_on=TODAY)
    desk.do("rep", "deal", "reopen", deal, stage_id=stage(desk, "negotiation"), why="too early")
    desk.do("rep", "deal", "advance", deal, stage_id=stage(desk, "prospecting"))


def test_no_gate_is_passed_by_making_or_reopening_a_deal_behind_it(shared_desk: Desk) -> None:
    desk = shared_desk
    row = {"id": new_id(), "name": "Straight in", "created_on": TODAY, "owner_id": desk.people["rep"]}
    with pytest.raises(Refused) as refusal:
        desk.submit("rep", Change("deal", "create", frame_of("deal", row | {"stage_id": stage(desk, "proposal")})))
    assert refusal.value.values["missing"] == ["amount", "visit"]
    desk.submit("rep", Change("deal", "create", frame_of("deal", row)))
    competitor = desk.one("list_value", list="competitor", code="none")["id"]
    reason = desk.one("list_value", list="lost_reason", code="price")["id"]
    lost = {"closed_on": TODAY, "lost_reason_id": reason, "competitor_id": competitor}
    desk.do("rep", "deal", "lose", str(row["id"]), **lost)
    with pytest.raises(Refused, match="needs first: amount, visit"):
        desk.do("rep", "deal", "reopen", str(row["id"]), stage_id=stage(desk, "proposal"), why="they came back")


def test_history_that_is_stated_passes_no_gate(shared_desk: Desk) -> None:
    deal = a_deal(shared_desk)
    shared_desk.do("operator", "deal", "advance", deal, stage_id=stage(shared_desk, "negotiation"))
    shared_desk.do("operator", "deal", "lose", deal, closed_on=TODAY, lost_reason_id=shared_desk.refs["lost_reason"])
    row = shared_desk.row("deal", deal)
    assert shared_desk.row("list_value", row["competitor_id"])["code"] == "unknown"


def test_every_kind_of_evidence_counts(shared_desk: Desk) -> None:
    desk = shared_desk
    wanted = ["interaction", "call", "file", "contract", "signed_contract"]
    desk.do("admin", "stage", "update", stage(desk, "qualification"), required_evidence=wanted)
    deal = a_deal(desk)
    assert missing(desk, deal, "qualification") == wanted
    desk.make("interaction", deal_id=deal, kind="call")
    assert missing(desk, deal, "qualification") == ["file", "contract", "signed_contract"]
    desk.make("attachment", who="rep", deal_id=deal, entity="deal", record_id=deal)
    assert "file" in missing(desk, deal, "qualification"), "a row without a file is none"
    files.attach(desk.store, desk.actor("rep"), "deal", deal, "plan.pdf", PDF)
    contract = desk.make("contract", deal_id=deal, owner_id=desk.people["rep"], amount=Decimal(1))
    assert missing(desk, deal, "qualification") == ["signed_contract"]
    for verb in ("submit", "approve", "sign"):
        desk.step("operator", "contract", verb, contract)
    desk.do("rep", "deal", "advance", deal, stage_id=stage(desk, "qualification"))


def test_a_stage_that_does_not_let_back_holds_its_deals(shared_desk: Desk) -> None:
    desk = shared_desk
    deal = a_deal(desk)
    desk.do("rep", "deal", "advance", deal, stage_id=stage(desk, "qualification"))
    desk.do("admin", "stage", "update", stage(desk, "qualification"), may_go_back=False)
    with pytest.raises(Refused) as refusal:
        desk.do("rep", "deal", "advance", deal, stage_id=stage(desk, "prospecting"))
    assert refusal.value.code == "stage.no_way_back"
    desk.do("operator", "deal", "advance", deal, stage_id=stage(desk, "prospecting"))


def test_a_retired_stage_takes_no_deal_and_the_last_of_a_kind_stays(shared_desk: Desk) -> None:
    desk = shared_desk
    deal = a_deal(desk)
    desk.do("admin", "stage", "update", stage(desk, "qualification"), active=False)
    with pytest.raises(Invalid) as invalid:
        desk.do("rep", "deal", "advance", deal, stage_id=stage(desk, "qualification"))
    assert [found.code for found in invalid.value.problems] == ["stage.retired"]
    for code, verb in (("won", "update"), ("lost", "archive")):
        with pytest.raises(Refused) as refusal:
            desk.do("admin", "stage", verb, stage(desk, code), **({"active": False} if verb == "update" else {}))
        assert refusal.value.code == "stage.last"
    with pytest.raises(Invalid) as typed:
        desk.do("admin", "stage", "update", stage(desk, "prospecting"), type="lost")
    assert [found.code for found in typed.value.problems] == ["stage.type_used"]


@pytest.mark.parametrize("who", ["rep", "manager", "leader", "support"])
def test_only_administrators_keep_the_stages(shared_desk: Desk, who: str) -> None:
    with pytest.raises(Forbidden):
        shared_desk.do(who, "stage", "update", stage(shared_desk, "proposal"), required_fields=[])


def test_a_gated_move_is_refused_when_stale_and_done_once_when_sent_twice_at_once(shared_desk: Desk) -> None:
    desk = shared_desk
    deal = a_deal(desk, amount=Decimal(5))
    desk.submit("rep", visit(desk, deal))
    row = {"id": deal, "version": desk.version("deal", deal), "stage_id": stage(desk, "proposal")}

    def sent(_: int) -> bool:
        try:
            desk.submit("rep", Change("deal", "advance", frame_of("deal", row)))
        except Stale:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(sent, range(4))) == [False, False, False, True]
    past = desk.store.history(desk.actor("rep"), "deal", deal).row(-1, named=True)
    assert (past["verb"], past["actor_id"]) == ("advance", desk.people["rep"])


def test_a_lost_deal_says_why_to_whom_and_in_words_where_the_reason_needs_them(shared_desk: Desk) -> None:
    desk = shared_desk
    deal = a_deal(desk)
    other = desk.one("list_value", list="lost_reason", code="other")["id"]
    competitor = desk.one("list_value", list="competitor", code="none")["id"]
    said = {"closed_on": TODAY, "lost_reason_id": other, "competitor_id": competitor, "close_note": "They moved away"}
    wrong = {"lost_reason_id": "field.required", "competitor_id": "field.required", "close_note": "deal.needs_note"}
    for name, code in wrong.items():
        with pytest.raises(Invalid) as refusal:
            desk.do("rep", "deal", "lose", deal, **{key: value for key, value in said.items() if key != name})
        assert [(found.field, found.code) for found in refusal.value.problems] == [(name, code)]
    with pytest.raises(SalesDeskError):
        desk.do("rep", "deal", "lose", deal, **{**said, "close_note": "  "})
    desk.do("rep", "deal", "lose", deal, **said)
    assert desk.row("deal", deal)["close_note"] == "They moved away"
