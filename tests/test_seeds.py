"""The reference data of a new store: complete, in both languages, and fit for its declaration."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from dashboard.domain.entities import ENTITIES
from dashboard.domain.ids import new_ids
from dashboard.domain.seeds import seed_frames, with_ids
from dashboard.domain.validation import check

FRAMES = seed_frames()
CHINESE = re.compile(r"[\u4e00-\u9fff]")
TREES = ("industry", "region")


@pytest.mark.parametrize("name", FRAMES)
def test_every_seed_row_passes_the_rules_of_its_entity(name: str) -> None:
    rows = with_ids(FRAMES[name], new_ids(FRAMES[name].height))
    problems = check(ENTITIES[name], rows, today=date(2026, 1, 1))
    assert problems.is_empty(), problems


@pytest.mark.parametrize("name", FRAMES)
def test_seed_codes_are_unique(name: str) -> None:
    identity = ["list", "code"] if name == "list_value" else ["code"]
    assert not FRAMES[name].select(identity).is_duplicated().any()


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("label", ["label_zh", "label_en"])
def test_seed_labels_are_unique_because_imports_match_by_them(name: str, label: str) -> None:
    identity = ["list", label] if name == "list_value" else [label]
    assert not FRAMES[name].select(identity).is_duplicated().any()


@pytest.mark.parametrize("name", FRAMES)
def test_seed_labels_are_written_in_their_language(name: str) -> None:
    frame = FRAMES[name]
    assert [text for text in frame["label_zh"] if not CHINESE.search(text)] == []
    assert [text for text in frame["label_en"] if CHINESE.search(text) or not text[0].isupper()] == []


@pytest.mark.parametrize("name", ["stage", "list_value", "industry"])
def test_seed_codes_are_plain_words(name: str) -> None:
    assert [code for code in FRAMES[name]["code"] if not re.fullmatch(r"[a-z]+(_[a-z]+)*", code)] == []


@pytest.mark.parametrize("name", TREES)
def test_a_parent_stands_before_its_children(name: str) -> None:
    seen: set[str] = set()
    for row in FRAMES[name].iter_rows(named=True):
        assert row.get("parent") is None or row["parent"] in seen
        seen.add(row["code"])


def test_china_has_seven_regions_and_thirty_four_provinces() -> None:
    regions = FRAMES["region"]
    provinces = regions.filter(pl.col("parent").is_not_null())
    assert regions.height - provinces.height == 7
    assert provinces.height == 34
    assert provinces["parent"].n_unique() == 7


def test_ids_turn_a_parents_code_into_a_reference() -> None:
    rows = with_ids(FRAMES["region"], pl.Series("id", [f"r{n}" for n in range(FRAMES["region"].height)]))
    by_code = {row["code"]: row for row in rows.iter_rows(named=True)}
    assert by_code["CN-BJ"]["parent_id"] == by_code["north"]["id"]
    assert by_code["north"]["parent_id"] is None
    assert "parent" not in rows.columns


def test_an_unknown_parent_is_refused() -> None:
    orphan = pl.DataFrame({"code": ["CN-BJ"], "parent": ["nowhere"]})
    with pytest.raises(KeyError):
        with_ids(orphan, pl.Series("id", ["r1"]))


def test_only_a_duplicate_stays_out_of_the_win_rate() -> None:
    values = FRAMES["list_value"]
    excluded = values.filter(~pl.col("counts"))
    assert excluded.select("list", "code").rows() == [("lost_reason", "duplicate")]


def test_other_asks_for_a_note_where_it_is_a_reason() -> None:
    reasons = FRAMES["list_value"].filter(pl.col("list").str.ends_with("reason"))
    assert reasons.filter(pl.col("needs_note"))["code"].unique().to_list() == ["other"]
    assert reasons.filter(pl.col("code") == "other")["needs_note"].all()


def test_every_list_has_values() -> None:
    declared = set(ENTITIES["list_value"].by_name["list"].choices)
    assert set(FRAMES["list_value"]["list"]) == declared


def test_open_stages_rise_towards_the_win() -> None:
    stages = FRAMES["stage"]
    opens = stages.filter(pl.col("type") == "open")
    assert opens["rank"].to_list() == [1, 2, 3, 4]
    assert opens["probability"].to_list() == [Decimal("0.10"), Decimal("0.25"), Decimal("0.50"), Decimal("0.75")]
    assert opens["stale_days"].null_count() == 0


def test_won_stands_above_every_stage_and_lost_has_no_rank() -> None:
    closed = {row["type"]: row for row in FRAMES["stage"].filter(pl.col("type") != "open").iter_rows(named=True)}
    assert closed["won"]["rank"] > 4
    assert closed["lost"]["rank"] is None
    assert (closed["won"]["probability"], closed["lost"]["probability"]) == (Decimal(1), Decimal(0))
