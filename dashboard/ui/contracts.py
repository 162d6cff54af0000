"""The room of the contracts: what its list shows first and how it can be narrowed."""

from dashboard.domain.queries import Sort
from dashboard.ui import execution
from dashboard.ui.lists.address import EVERY
from dashboard.ui.papers import deciding, wording
from dashboard.ui.rooms import Room

ROOM = Room(
    page="contracts",
    entity="contract",
    columns=("number", "name", "customer_id", "owner_id", "step", "amount", "signed_on", "starts_on", "ends_on"),
    filters=("owner_id", "customer_id", "template_id", "base_amount", "valid_until", "signed_on", "ends_on"),
    sort=Sort("number", descending=True),
    tab="step",
    first_tab=EVERY,
    through=("customer_id",),
    bulk=(("owner_id",), ("valid_until",), ("renewal_notice_days",)),
    panel=execution.show,
    alerts=("lapsed", "expired"),
    beside=(deciding.show, wording.show),
)
