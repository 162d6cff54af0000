"""What a contract says: templates and clauses with placeholders, filled once from declared facts.

A placeholder is a name between double braces, like {{customer.name}}. Only names declared here are filled; no code
runs, values are text and are never filled again. What is unknown or empty stays in the text as it is and is listed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from dashboard.domain.spelled import amount_in_words
from dashboard.i18n import Language, day, money, number, percent

Facts = Mapping[str, str | None]
Row = Mapping[str, Any]
Block = dict[str, str]

MARK = re.compile(r"\{\{\s*([^{}\n]{1,60}?)\s*\}\}")
TABLES = ("deal.lines",)
"""Placeholders that stand for a table."""

PLACEHOLDERS: tuple[str, ...] = (
    "contract.number",
    "contract.name",
    "contract.amount",
    "contract.amount_words",
    "contract.currency",
    "contract.discount",
    "contract.payment_terms_days",
    "contract.valid_until",
    "contract.starts_on",
    "contract.ends_on",
    "contract.owner",
    "customer.name",
    "customer.credit_code",
    "customer.address",
    "customer.bank_name",
    "contact.name",
    "contact.job_title",
    "deal.number",
    "deal.name",
    "deal.lines",
    "company.name",
    "company.credit_code",
    "company.address",
    "company.representative",
    "company.bank_name",
    "company.account_number",
    "amends.number",
)
"""Everything that may stand in a template; what each means stands in data/locales as `placeholder.<name>`."""

COLUMNS = ("product", "quantity", "price", "amount")
"""Of the table of lines."""


def filled(text: str, facts: Facts) -> tuple[list[Block], list[str], list[str]]:
    """The text as blocks of text or table, the names that are empty, and the names that nobody declared."""
    blocks: list[Block] = []
    empty: list[str] = []
    unknown: list[str] = []

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name not in PLACEHOLDERS:
            unknown.append(name)
        elif facts.get(name) is None:
            empty.append(name)
        else:
            return str(facts[name])
        return f"{{{{{name}}}}}"

    for at, part in enumerate(re.split(r"\{\{\s*(" + "|".join(map(re.escape, TABLES)) + r")\s*\}\}", text)):
        if at % 2:
            blocks.append({"table": part})
            if facts.get(part) is None:
                empty.append(part)
        elif part.strip():
            blocks.append({"text": MARK.sub(value, part).strip("\n")})
    return blocks, empty, unknown


def wording(contract: Row, clauses: Sequence[Row], facts: Facts, lines: Sequence[Row], parties: Row) -> dict[str, Any]:
    """What a contract says, in the language of its template.

    contract: its fields; clauses: title and body in their order; lines: of the table, with the keys of COLUMNS;
    parties: `company` and `customer`, each with name, credit_code, address and representative.
    """
    parts = [("", contract["body"] or ""), *((clause["title"], clause["body"]) for clause in clauses)]
    titles = [filled(title, facts) for title, _ in parts]
    bodies = [filled(body, facts) for _, body in parts]
    sections = [
        {"title": "".join(block.get("text", "") for block in title), "blocks": blocks}
        for (title, _, _), (blocks, _, _) in zip(titles, bodies, strict=True)
    ]
    return {
        "language": contract["language"],
        "name": contract["name"],
        "number": contract["number"],
        "amends": facts.get("amends.number"),
        "parties": parties,
        "amount": facts.get("contract.amount"),
        "amount_words": facts.get("contract.amount_words"),
        "terms": {name: facts.get(f"contract.{name}") for name in TERMS},
        "preamble": sections[0]["blocks"],
        "clauses": sections[1:],
        "lines": [dict(line) for line in lines],
        "empty": sorted({name for _, names, _ in (*titles, *bodies) for name in names}),
        "unknown": sorted({name for _, _, names in (*titles, *bodies) for name in names}),
    }


TERMS = ("valid_until", "starts_on", "ends_on", "payment_terms_days")


def hash_of(found: Mapping[str, Any]) -> str:
    """The SHA-256 of a wording."""
    return hashlib.sha256(packed(found).encode()).hexdigest()


def packed(found: Mapping[str, Any]) -> str:
    """A wording as it is kept: the same text for the same wording."""
    return json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def facts_of(contract: Row, others: Mapping[str, Row | None], language: Language) -> dict[str, str | None]:
    """The value of every placeholder but the tables, written in a language.

    others: `customer`, `contact`, `deal`, `owner`, `company` and `amends` as rows, where there are any.
    """
    found: dict[str, str | None] = {}
    for name in PLACEHOLDERS:
        whole, _, field = name.partition(".")
        if whole != "contract" and name not in TABLES:
            found[name] = text_of((others.get(whole) or {}).get(field), language)
    found |= {f"contract.{name}": text_of(contract.get(name), language) for name in CONTRACT_FIELDS}
    amount, currency = contract.get("amount"), contract.get("currency")
    if amount is not None and currency:
        found["contract.amount"] = money(amount, language, currency)
        found["contract.amount_words"] = amount_in_words(Decimal(amount), currency, language)
    if contract.get("discount") is not None:
        found["contract.discount"] = percent(contract["discount"], language)
    found["contract.owner"] = text_of((others.get("owner") or {}).get("name"), language)
    return found


CONTRACT_FIELDS = ("number", "name", "currency", "payment_terms_days", "valid_until", "starts_on", "ends_on")


def text_of(value: Any, language: Language) -> str | None:
    """A fact as a contract writes it; an empty one is none."""
    if value is None or value == "":
        return None
    if hasattr(value, "isoformat"):
        return day(value, language)
    return number(value, language) if isinstance(value, int | Decimal) else str(value)


def plain_text(blocks: Sequence[Block]) -> str:
    """Blocks as text; a table by its name."""
    return "\n".join(block.get("text") or f"[{block.get('table')}]" for block in blocks)
