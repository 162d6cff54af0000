"""What is shipped of an order: in parts, never more than was ordered, never out of another order."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dashboard.domain.changes import Change
from dashboard.errors import Refused
from tests.builders import frame_of
from tests.department import Desk


def ordered(desk: Desk, quantity: int) -> tuple[str, str]:
    """An order with one line; returns order and line."""
    order = desk.make("order")
    return order, desk.make("order_line", order_id=order, quantity=Decimal(quantity))


def ship(desk: Desk, order: str, line: str, quantity: int) -> str:
    """Ship some of a line; returns the line of the shipment."""
    shipment = desk.make("shipment", order_id=order)
    return desk.make("shipment_line", shipment_id=shipment, order_line_id=line, quantity=Decimal(quantity))


def refused(code: str, desk: Desk, *change: object, **values: object) -> None:
    """The change is refused for this reason."""
    with pytest.raises(Refused) as refusal:
        desk.do("operator", *change, **values)  # type: ignore[arg-type]
    assert refusal.value.code == code


def test_an_order_may_be_shipped_in_parts_up_to_what_was_ordered(shared_desk: Desk) -> None:
    order, line = ordered(shared_desk, 5)
    ship(shared_desk, order, line, 2)
    ship(shared_desk, order, line, 3)
    with pytest.raises(Refused) as refusal:
        ship(shared_desk, order, line, 1)
    assert (refusal.value.code, str(refusal.value.values["shipped"])) == ("shipment.too_much", "6")


def test_no_correction_makes_it_more_than_was_ordered(shared_desk: Desk) -> None:
    order, line = ordered(shared_desk, 5)
    part = ship(shared_desk, order, line, 5)
    refused("shipment.too_much", shared_desk, "shipment_line", "update", part, quantity=Decimal(6))
    refused("shipment.too_much", shared_desk, "order_line", "update", line, quantity=Decimal(4))


def test_what_was_taken_back_may_be_shipped_again_but_not_both(shared_desk: Desk) -> None:
    order, line = ordered(shared_desk, 5)
    first = ship(shared_desk, order, line, 5)
    shipment = shared_desk.row("shipment_line", first)["shipment_id"]
    shared_desk.do("operator", "shipment", "archive", shipment)
    ship(shared_desk, order, line, 5)
    refused("shipment.too_much", shared_desk, "shipment", "restore", shipment)


def test_quantities_may_move_between_parts_in_one_go(shared_desk: Desk) -> None:
    order, line = ordered(shared_desk, 5)
    rows = [{"id": ship(shared_desk, order, line, quantity), "quantity": Decimal(5 - quantity)} for quantity in (1, 4)]
    shared_desk.submit("operator", *(Change("shipment_line", "update", frame_of("shipment_line", row)) for row in rows))


def test_nothing_is_shipped_out_of_another_order(shared_desk: Desk) -> None:
    (order, _), (_, line) = ordered(shared_desk, 5), ordered(shared_desk, 5)
    with pytest.raises(Refused) as refusal:
        ship(shared_desk, order, line, 1)
    assert refusal.value.code == "shipment.other_order"
