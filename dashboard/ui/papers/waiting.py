"""Contracts that wait for one's own decision, on Today and on Team: what it is about, and the way to it."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from dashboard.actions.waiting import waiting_for
from dashboard.i18n import money, percent
from dashboard.ui.detail.values import moment
from dashboard.ui.markdown import muted, plain
from dashboard.ui.today import ways
from dashboard.ui.visit import Visit

FIRST = 8


def show(visit: Visit) -> None:
    """The contracts, where there are any."""
    rows = waiting_for(visit.desk.store, visit.actor, visit.today)
    if not rows:
        return
    st.subheader(f":material/approval: {plain(visit.text('deciding.waiting'))} · {len(rows)}", anchor=False)
    customers = visit.names("customer", [row["customer_id"] for row in rows])
    owners = visit.names("person", [row["owner_id"] for row in rows if row["owner_id"]])
    for row in rows[:FIRST]:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"waiting_{row['id']}"):
            with st.container(gap=None):
                title = " · ".join(part for part in (customers.get(row["customer_id"]), row["name"]) if part)
                st.markdown(f":material/contract: **{plain(title)}**  \n{muted(' · '.join(facts(visit, row, owners)))}")
            ways.to_record(visit, "contracts", row["id"], visit.text("deciding.open"))
    if len(rows) > FIRST:
        st.markdown(muted(visit.text("deciding.more", n=len(rows) - FIRST)))


def facts(visit: Visit, row: dict[str, Any], owners: dict[str, str]) -> list[str]:
    """The amount, what is out of the ordinary about it, whose it is and since when it waits."""
    found = []
    if row.get("amount") is not None:
        found.append(money(row["amount"], visit.language, row["currency"] or visit.currency))
    if row.get("discount"):
        found.append(visit.text("deciding.discount", share=percent(row["discount"], visit.language)))
    if row.get("payment_terms_days"):
        found.append(visit.text("deciding.terms", days=row["payment_terms_days"]))
    found += json.loads(row["details"] or "{}").get("rules") or []
    found.append(owners.get(row["owner_id"] or "", ""))
    found.append(visit.text("deciding.since", moment=moment(visit, row["since"])))
    return [part for part in found if part]
