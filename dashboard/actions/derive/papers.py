"""What contracts say at this moment: gathered from the contract, its clauses, its customer, its deal and ourselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from dashboard.domain.changes import Change
from dashboard.domain.wordings import facts_of, hash_of, packed, wording
from dashboard.i18n import Language, money, number
from dashboard.store import Transaction

TOUCHED = "contract wording"
"""Under this name a transaction notes the contracts whose wording it may have changed."""

Row = dict[str, Any]
CONTRACT = (
    "number", "name", "customer_id", "contact_id", "deal_id", "owner_id", "template_id", "legal_entity_id", "amends_id",
    "amount", "currency", "discount", "payment_terms_days", "valid_until", "starts_on", "ends_on", "body", "step",
)  # fmt: skip
OTHERS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "customer": ("customer", "customer_id", ("name", "credit_code", "address", "bank_name")),
    "contact": ("contact", "contact_id", ("name", "job_title")),
    "deal": ("deal", "deal_id", ("number", "name", "currency")),
    "owner": ("person", "owner_id", ("name",)),
    "amends": ("contract", "amends_id", ("number",)),
    "template": ("contract_template", "template_id", ("language",)),
    "company": ("legal_entity", "legal_entity_id", (
        "name", "name_en", "credit_code", "address", "address_en", "representative", "bank_name", "account_number",
    )),
}  # fmt: skip
"""What a contract points at and speaks of: the entity, the field, and what is read of it."""


def wordings_of(open_: Transaction, ids: pl.Series) -> dict[str, Row]:
    """What each of these contracts says, by id."""
    contracts = open_.lookup("contract", "id", ids, CONTRACT).to_dicts()
    known = {
        name: by_id(open_.lookup(entity, "id", values(contracts, field), columns))
        for name, (entity, field, columns) in OTHERS.items()
    }
    clauses = parts(open_.lookup("contract_clause", "contract_id", ids, ("title", "body", "rank")), "contract_id")
    lines = lines_of(open_, values(contracts, "deal_id"))
    return {row["id"]: said(open_, row, known, clauses.get(row["id"], []), lines) for row in contracts}


def said(
    open_: Transaction, contract: Row, known: dict[str, dict[str, Row]], clauses: list[Row], lines: dict[str, list[Row]]
) -> Row:
    """What one contract says."""
    others = {name: known[name].get(contract[field] or "") for name, (_, field, _) in OTHERS.items()}
    language: Language = (others["template"] or {}).get("language") or "zh"
    if others["company"] and language == "en":
        house = others["company"]
        house |= {field: house[f"{field}_en"] or house[field] for field in ("name", "address")}
    currency = (others["deal"] or {}).get("currency") or open_.currency
    table = [written(line, language, currency) for line in lines.get(contract["deal_id"] or "", [])]
    facts = facts_of(contract, others, language) | ({"deal.lines": "yes"} if table else {})
    customer, contact, company = (others[name] or {} for name in ("customer", "contact", "company"))
    parties = {
        "customer": {**{name: customer.get(name) for name in PARTY}, "representative": contact.get("name")},
        "company": {name: company.get(name) for name in (*PARTY, "representative")},
    }
    return wording({**contract, "language": language}, clauses, facts, table, parties)


PARTY = ("name", "credit_code", "address")


def lines_of(open_: Transaction, deals: pl.Series) -> dict[str, list[Row]]:
    """The products of deals, by deal, in their order."""
    columns = ("product_id", "quantity", "price", "discount", "amount", "rank")
    found = open_.lookup("deal_product", "deal_id", deals, columns)
    names = open_.lookup("product", "id", found["product_id"], ("name", "unit_label")).rename({"id": "product_id"})
    return parts(found.join(names, on="product_id", how="left"), "deal_id")


def written(line: Row, language: Language, currency: str) -> dict[str, str | None]:
    """A line as a contract shows it."""
    unit = f" {line['unit_label']}" if line["unit_label"] else ""
    return {
        "product": line["name"],
        "quantity": f"{number(line['quantity'], language)}{unit}",
        "price": None if line["price"] is None else money(line["price"], language, currency),
        "amount": None if line["amount"] is None else money(line["amount"], language, currency),
    }


def values(rows: list[Row], field: str) -> pl.Series:
    """What rows point at."""
    return pl.Series(field, [row[field] for row in rows], dtype=pl.String)


def by_id(found: pl.DataFrame) -> dict[str, Row]:
    """Rows by their id."""
    return {row["id"]: row for row in found.to_dicts()}


def parts(found: pl.DataFrame, whole: str) -> dict[str, list[Row]]:
    """Rows by what they are a part of, in their order."""
    grouped: dict[str, list[Row]] = {}
    for row in found.sort("rank", "id", nulls_last=True).to_dicts():
        grouped.setdefault(row[whole], []).append(row)
    return grouped


def last_versions(open_: Transaction, ids: pl.Series) -> dict[str, Row]:
    """The last saved wording of each contract, by contract: edition and sha256."""
    found = open_.lookup("contract_version", "contract_id", ids, ("edition", "sha256")).sort("edition")
    return {row["contract_id"]: row for row in found.to_dicts()}


def versions(open_: Transaction) -> Iterator[Change]:
    """A new version for each touched contract that says something else than its last one."""
    touched = open_.touched.pop(TOUCHED, {})
    if not touched:
        return
    ids = pl.Series("id", list(touched), dtype=pl.String)
    last = last_versions(open_, ids)
    rows = []
    for contract, found in wordings_of(open_, ids).items():
        before, sha256 = last.get(contract, {"edition": 0, "sha256": None}), hash_of(found)
        if sha256 != before["sha256"]:
            edition, moment = before["edition"] + 1, touched[contract]
            rows.append((contract, edition, packed(found), sha256, moment))
    if rows:
        schema = {"contract_id": pl.String, "edition": pl.Int64, "wording": pl.String, "sha256": pl.String}
        frame = pl.DataFrame(rows, schema={**schema, "effective_at": pl.Datetime("us")}, orient="row")
        yield Change("contract_version", "create", frame)
