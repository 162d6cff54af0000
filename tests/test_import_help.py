"""The help on import maps describes every word of the language, and its example is a map."""

from __future__ import annotations

import re

import pytest

from dashboard.i18n import LANGUAGES, Language
from dashboard.settings import ROOT
from etl.ingest import load_plan
from etl.ingest.maps import Join, Plan, Record, Step, Take

WORDS = {name for part in (Plan, Record, Step, Take, Join) for name in part.model_fields}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_a_map_is_described(language: Language) -> None:
    text = (ROOT / "data" / "help" / language / "import-maps.md").read_text(encoding="utf-8")
    tables = "\n".join(line for line in text.splitlines() if line.startswith("|"))
    described = set(re.findall(r"`([a-z_]+)`", tables))
    assert WORDS - described == set()
    example = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert example
    plan = load_plan(example[1], "example")
    assert [record.entity for record in plan.record] == ["customer", "contact", "deal", "lead", "order", "order_line"]
