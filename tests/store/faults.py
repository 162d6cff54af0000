"""One fault for each kind of audit, in SQL that both engines speak, and a department in which it can be planted."""

from __future__ import annotations

from dashboard.domain.access import operator
from dashboard.domain.entities import RECORDS
from tests.department import Desk

FAULTS: dict[str, str] = {
    # the files of data/checks
    "administrators": """UPDATE people SET active = FALSE WHERE roles LIKE '%admin%'""",
    "audit_revisions": "DELETE FROM audit_entries WHERE revision = 2",
    "base_amounts": "UPDATE deals SET base_amount = base_amount + 1",
    "closed_deals": "UPDATE deals SET closed_on = NULL WHERE stage_type = 'won'",
    "deal_stages": "UPDATE deals SET stage_type = 'lost' WHERE stage_type = 'won'",
    "open_deal_credits": "UPDATE deals SET stage_type = 'open' WHERE stage_type = 'won'",
    "pool_rules": "UPDATE pool_rules SET team_id = NULL, entity = 'lead'",
    "pooled_records": "UPDATE leads SET owner_id = 'somebody', pool_team_id = 'somewhere'",
    "order_amounts": "UPDATE orders SET total_amount = total_amount + 1",
    "order_deliveries": "UPDATE orders SET delivery_state = 'shipped'",
    "order_line_amounts": "UPDATE order_lines SET quantity = 1, price = 1, amount = 2",
    "order_payments": """UPDATE payments SET amount = 1000000,
                         order_id = (SELECT max(id) FROM orders WHERE total_amount IS NOT NULL)""",
    "signed_wordings": """UPDATE approval_runs SET entity = 'contract', status = 'pending',
                          record_id = (SELECT max(id) FROM contracts)""",
    "shipped_quantities": "UPDATE shipment_lines SET quantity = 1000",
    "won_deal_credits": "UPDATE deal_credits SET amount = amount + 0.01 WHERE amount IS NOT NULL",
    # what follows from the declarations, one of each kind
    "reference_contact_customer_id": "UPDATE contacts SET customer_id = 'nobody'",
    "reference_credential_person_id": "UPDATE credentials SET person_id = 'nobody'",
    "reference_customer_merged_into": "UPDATE customers SET merged_into = 'nobody'",
    "value_task_title": "UPDATE tasks SET title = NULL",
    "value_task_status": "UPDATE tasks SET status = 'forgotten'",
    "value_customer_phone": "UPDATE customers SET phone = CAST('13912345678' AS BYTEA)",
    "value_contact_email": "UPDATE contacts SET email_hash = NULL",
    "value_lead_phone": "UPDATE leads SET phone_hash = '13912345678'",
    "key_customer_phone": "DELETE FROM subject_keys",
    "history_customer_lost": "UPDATE customers SET name = 'Somebody else'",
    "history_customer_ahead": "DELETE FROM customers",
    "history_deal_versions": "DELETE FROM deals_history WHERE version = 1",
    "history_deal_moments": "UPDATE deals_history SET effective_at = recorded_at + INTERVAL '1' DAY",
    "history_contact_audited": "DELETE FROM contacts_history WHERE id = (SELECT max(id) FROM contacts)",
    "history_ticket_audited": "UPDATE audit_entries SET records = 2 WHERE entity = 'ticket'",
    "history_task_moments": "UPDATE tasks_history SET verb = 'update'",
    "number_deal": "UPDATE number_series SET last_number = last_number + 1",
    "number_task": "UPDATE tasks SET number = NULL",
}
"""The audit that must find it → the fault."""


def furnish(desk: Desk) -> None:
    """One record of everything, personal details, a deal that was won, somebody who may log in."""
    for name in RECORDS:
        desk.make(name)
    for name in ("customer", "contact", "lead"):
        desk.make(name, phone="13912345678", **({"email": "a@example.com"} if name != "customer" else {}))
    desk.make("pool_rule", entity="customer")
    desk.make("order", amount=100)
    deal = desk.make("deal", owner_id=desk.people["rep"])
    desk.step("operator", "deal", "win", deal)
    desk.store.logins.set_password(operator(), desk.people["admin"], "a hash")
