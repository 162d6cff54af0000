"""Contracts as PDF: typeset by typst from the template in data/printing, with the fonts in data/fonts only."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from dashboard.actions.papers import Paper, paper_of
from dashboard.domain.access import Actor
from dashboard.domain.labels import choice_label
from dashboard.i18n import Language, day, translate
from dashboard.settings import ROOT
from dashboard.store import Store

TEMPLATE = ROOT / "data" / "printing" / "contract.typ"
FONTS = ROOT / "data" / "fonts"
LABELS = (
    "page", "hash", "number", "amends", "buyer", "seller", "buyer_seal", "seller_seal", "credit_code", "address",
    "representative", "article", "product", "quantity", "price", "amount", "signer", "date", "way",
)  # fmt: skip
TYPESETTING = Lock()


class Unprintable(RuntimeError):
    """The template or a font is broken: nobody's text can cause that."""


def contract_pdf(store: Store, actor: Actor, contract_id: str, edition: int | None = None) -> bytes:
    """A contract as it says now, or as an earlier edition said. Raises NotFound, Forbidden as `paper_of` does."""
    found = paper_of(store, actor, contract_id, edition)
    return typeset(json.dumps(printed(store, found), ensure_ascii=False))


def printed(store: Store, found: Paper) -> dict[str, Any]:
    """Everything that the template shows, in the language of the contract."""
    language: Language = found.wording["language"]
    return {
        **found.wording,
        "sha256": found.sha256,
        "mark": mark(found, language),
        "labels": {name: translate(f"printing.{name}", language) for name in LABELS},
        "signatures": signatures(store, found, language),
    }


def mark(found: Paper, language: Language) -> str | None:
    """What stands across every page of a contract that is not signed, or not by this wording."""
    if found.contract["step"] == "draft":
        return translate("printing.draft", language)
    signed = found.contract["signed_on"] is not None and found.is_last
    return None if signed else translate("printing.unsigned", language)


def signatures(store: Store, found: Paper, language: Language) -> dict[str, Mapping[str, str | None]]:
    """Who signed for each side, on which day and how; empty lines before the signature."""
    row, parties = found.contract, found.wording["parties"]
    blank: dict[str, str | None] = {"signer": None, "date": None, "way": None}
    sides: dict[str, dict[str, str | None]] = {
        side: {**blank, "name": (parties.get(side) or {}).get("name")} for side in ("customer", "company")
    }
    if row["signed_on"] is None or not found.is_last:
        return dict(sides)
    ours = store.labels("person", [row["our_signer_id"]], language).get(row["our_signer_id"])
    way = choice_label("contract", "signing", row["signing"], language) if row["signing"] else None
    sides["customer"] |= {"signer": row["their_signer"], "date": written(row["their_signed_on"], language), "way": way}
    sides["company"] |= {"signer": ours, "date": written(row["signed_on"], language), "way": way}
    return dict(sides)


def written(value: dt.date | None, language: Language) -> str | None:
    """A day as it is printed."""
    return None if value is None else day(value, language)


@cache
def compiler() -> typst.Compiler:
    """The typesetter, which knows no fonts but ours and no packages of others."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    return typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=fonts)


def typeset(data: str) -> bytes:
    """The template filled with data, as PDF. Raises Unprintable when typst warns: a missing font only warns."""
    with TYPESETTING:
        found, warnings = compiler().compile_with_warnings(format="pdf", sys_inputs={"data": data})
    if warnings or not isinstance(found, bytes):
        raise Unprintable("; ".join(warning.message for warning in warnings))
    return found


def name_of(found: Mapping[str, Any]) -> str:
    """What the file is called."""
    return f"{Path(str(found['number'])).name}.pdf"
