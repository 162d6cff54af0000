"""The demo department is believable, legal, and the same for the same seed."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from dashboard.domain import gates
from dashboard.domain.changes import Change
from dashboard.domain.entities import RECORDS
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.domain.validation import check
from dashboard.errors import Misconfigured
from dashboard.store.judging import PLAIN, settable
from etl.demo import BATCH_ROWS, DEMO_LOGINS, generate
from etl.demo.clock import Clock
from etl.demo.companies import credit_codes
from etl.demo.sizes import KNEE, volume

TODAY = date(2026, 11, 23)
ZONE = "Asia/Shanghai"
REFERENCE = Path(__file__).parents[1] / "data" / "reference"
FOLLOWING = {"approval_run", "contract_clause", "contract_version"}
"""Entities whose rows follow from those of contracts when they are written."""

NOT_MADE = {*FOLLOWING, "attachment", "stage", "industry", "region", "import_batch", "access_rule"}
"""Entities without demo rows: files, what `init` brings, what only an import makes, and changed grants."""


def known() -> dict[str, pl.DataFrame]:
    """The delivered reference rows with made-up ids."""
    lists = tomllib.loads((REFERENCE / "lists.toml").read_text(encoding="utf-8"))
    values = [
        {"id": f"{name}-{row['code']}", "list": name, "code": row["code"]}
        for name, rows in lists.items()
        for row in rows
    ]
    return {
        "stage": numbered("stages", "stage", "code", "type", "rank", "probability"),
        "region": numbered("regions", "region", "code"),
        "industry": numbered("industries", "industry", "code"),
        "list_value": pl.DataFrame(values),
    }


def numbered(file: str, entity: str, *columns: str) -> pl.DataFrame:
    """The rows of a reference file with ids."""
    rows = tomllib.loads((REFERENCE / f"{file}.toml").read_text(encoding="utf-8"))[entity]
    return pl.DataFrame(
        [{"id": f"{entity}-{row['code']}", **{name: row.get(name) for name in columns}} for row in rows]
    )


@cache
def demo(deals: int, seed: int = 7) -> tuple[tuple[Change, ...], ...]:
    """A demo, batch by batch."""
    return tuple(tuple(batch) for batch in generate(deals, seed, TODAY, ZONE, known()))


def changes(deals: int = 300) -> Iterator[Change]:
    """The changes of a demo in order."""
    return (change for batch in demo(deals) for change in batch)


def rows(entity: str, verb: str, deals: int = 300) -> pl.DataFrame:
    """All rows of one verb of an entity."""
    parts = [change.rows for change in changes(deals) if (change.entity, change.verb) == (entity, verb)]
    return pl.concat(parts, how="diagonal_relaxed") if parts else pl.DataFrame()


@cache
def records(entity: str, deals: int = 300) -> pl.DataFrame:
    """The records of an entity as they are after every change."""
    state: dict[str, dict[str, Any]] = {}
    for change in changes(deals):
        if change.entity == entity:
            for row in change.rows.iter_rows(named=True):
                state.setdefault(row["id"], {}).update(row)
    return pl.DataFrame(list(state.values()), infer_schema_length=None)


def test_the_same_seed_and_day_give_the_same_records() -> None:
    again = [change for batch in generate(300, 7, TODAY, ZONE, known()) for change in batch]
    first = list(changes())
    assert [(c.entity, c.verb) for c in again] == [(c.entity, c.verb) for c in first]
    assert all(one.rows.equals(other.rows) for one, other in zip(first, again, strict=True))


def test_another_seed_gives_another_department_with_the_same_people() -> None:
    other = [c for batch in generate(300, 8, TODAY, ZONE, known()) for c in batch]
    names = {
        change.entity: set(change.rows["name"])
        for change in other
        if change.verb == "create" and "name" in change.rows.columns
    }
    assert names["person"] == set(records("person")["name"])
    assert names["customer"] != set(records("customer")["name"])
    assert not set(other[0].rows["id"]) & set(records("team")["id"])


def test_ids_are_version_7_and_carry_the_moment_of_creation() -> None:
    made = rows("deal", "create")
    assert made["id"].str.contains(r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$").all()
    millis = [int(text[:8] + text[9:13], 16) for text in made["id"]]
    assert millis == made["effective_at"].dt.epoch("ms").to_list()
    assert made["id"].is_sorted()


def test_ids_are_never_given_twice() -> None:
    seen = pl.concat([change.rows["id"] for change in changes(3000) if change.verb == "create"])
    assert seen.n_unique() == len(seen)


def test_no_batch_is_longer_than_one_change_set_should_be() -> None:
    assert max(sum(len(change.rows) for change in batch) for batch in demo(3000)) <= BATCH_ROWS


def test_every_value_fits_its_declaration() -> None:
    for change in changes():
        found = check(RECORDS[change.entity], change.rows, create=change.verb == "create", today=TODAY)
        assert found.is_empty(), (
            change.entity,
            change.verb,
            found.head(),
            change.rows.row(found["row"][0], named=True),
        )


def test_changes_state_only_fields_that_their_verb_may_set() -> None:
    for change in changes():
        entity, cycle = RECORDS[change.entity], LIFECYCLES.get(change.entity)
        allowed = {field.name for field in entity.settable} | {"id", "effective_at"}
        step = cycle.verb(change.verb) if cycle else None
        assert step is not None or change.verb in PLAIN, (change.entity, change.verb)
        if step is not None:
            allowed |= {*step.needs, *step.may_set}
        allowed |= settable(entity, change.verb, step)
        assert set(change.rows.columns) <= allowed, (change.entity, change.verb, set(change.rows.columns) - allowed)


def test_every_reference_points_at_a_record_made_before() -> None:
    made: dict[str, set[str]] = defaultdict(set)
    for entity, frame in known().items():
        made[entity] |= set(frame["id"])
    for change in changes():
        if change.verb == "create":
            own = set(change.rows["id"])
        else:
            own = set()
            assert set(change.rows["id"]) <= made[change.entity], (change.entity, change.verb)
        for field in RECORDS[change.entity].all_fields:
            if field.to and field.name in change.rows.columns:
                pointed = set(change.rows[field.name].drop_nulls())
                allowed = made[field.to] | (own if field.to == change.entity else set())
                assert pointed <= allowed, (change.entity, change.verb, field.name)
        made[change.entity] |= own


def made() -> list[Change]:
    """The changes of records that the demo makes itself."""
    return [change for change in changes() if change.entity not in NOT_MADE]


def test_the_later_stages_have_gates_that_let_a_deal_in_once_it_says_enough() -> None:
    (gated,) = [change for change in changes() if change.entity == "stage"]
    assert gated.verb == "update"
    wanted = dict(gated.rows.select("id", "required_fields").iter_rows())
    assert wanted == {"stage-proposal": ["amount", "expected_close_on"], "stage-negotiation": ["contact_id"]}
    assert {field for fields in wanted.values() for field in fields} <= set(gates.FIELDS)


def test_every_life_is_legal_step_by_step() -> None:
    state: dict[str, dict[str, Any]] = {}
    for change in made():
        cycle = LIFECYCLES.get(change.entity)
        step = cycle.verb(change.verb) if cycle else None
        for row in change.rows.iter_rows(named=True):
            if change.verb == "create":
                assert row["id"] not in state
                state[row["id"]] = {"state": cycle.start if cycle else None}
            before = state[row["id"]]
            if "effective_at" in before:
                assert row["effective_at"] >= before["effective_at"], (change.entity, change.verb, row)
            before.update(row)
            if step is not None:
                assert before["state"] in step.sources, (change.entity, change.verb, before["state"], row)
                before["state"] = step.target
                filled = {"stage_id": "by the write path"} if change.verb in ("win", "lose") else {}
                assert all((before | filled).get(need) is not None for need in step.needs), (
                    change.entity,
                    change.verb,
                    row,
                )


def test_a_closed_deal_does_not_change_until_it_is_reopened() -> None:
    state: dict[str, str] = {}
    for change in changes(3000):
        if change.entity == "deal":
            for deal in change.rows["id"]:
                if change.verb in ("update", "assign", "advance"):
                    assert state[deal] == "open", change.verb
                else:
                    state[deal] = {"win": "won", "lose": "lost"}.get(change.verb, "open")


@pytest.mark.parametrize("entity", sorted(set(RECORDS) - NOT_MADE))
def test_every_entity_has_records(entity: str) -> None:
    assert rows(entity, "create").height > 0


def test_nothing_happened_in_the_future_or_before_the_company() -> None:
    begin = datetime(TODAY.year - 8, 1, 1)
    end = datetime(TODAY.year, TODAY.month, TODAY.day) - timedelta(hours=8)
    for change in made():
        moments = change.rows["effective_at"]
        assert moments.is_between(begin, end, closed="none").all(), (change.entity, change.verb)


def test_most_things_happen_on_working_days_in_office_hours() -> None:
    local = rows("deal", "advance", 3000)["effective_at"].dt.offset_by("8h")
    assert (local.dt.weekday() <= 5).mean() > 0.9  # type: ignore[operator]
    assert local.dt.hour().is_between(8, 18).mean() > 0.9  # type: ignore[operator]
    assert not local.dt.date().is_in([date(2026, 2, 17), date(2025, 1, 29), date(2025, 10, 1)]).any()
    assert local.dt.date().is_in([date(2026, 2, 14), date(2025, 10, 11)]).any()


def test_there_are_forty_people_in_six_teams_of_three_regions() -> None:
    people, teams = records("person"), records("team")
    assert people.height == 40
    assert teams.height == 7
    assert teams["parent_id"].null_count() == 1
    assert teams["region_id"].drop_nulls().n_unique() == 3
    assert teams["manager_id"].null_count() == 0
    assert people.filter(~pl.col("active")).height == 1
    moved = rows("person", "update").filter(pl.col("team_id").is_not_null())
    assert moved.height == 2


def test_the_leaver_handed_everything_over() -> None:
    leaver = records("person").filter(~pl.col("active"))["id"].item()
    for entity in ("customer", "deal", "lead"):
        assert leaver in set(rows(entity, "create", 3000)["owner_id"])
    deals = records("deal", 3000).with_columns(pl.col("closed_on").is_null().alias("open"))
    assert deals.filter(pl.col("open") & (pl.col("owner_id") == leaver)).is_empty()
    assert records("customer", 3000).filter(pl.col("owner_id") == leaver).is_empty()


def test_each_role_has_a_demo_login_with_records() -> None:
    people = records("person")
    for role, username in DEMO_LOGINS.items():
        assert people.filter(pl.col("username") == username)["roles"].to_list() == [[role]]
    rep = people.filter(pl.col("username") == DEMO_LOGINS["rep"]).row(0, named=True)
    team = records("team").filter(pl.col("id") == rep["team_id"])["manager_id"].item()
    assert people.filter(pl.col("id") == team)["username"].item() == DEMO_LOGINS["manager"]
    assert records("deal").filter((pl.col("owner_id") == rep["id"]) & pl.col("closed_on").is_null()).height >= 1


def test_names_and_codes_are_unique_and_personal_details_invented() -> None:
    customers = records("customer", 3000)
    assert customers["name"].n_unique() == customers.height
    codes = customers["credit_code"].drop_nulls()
    assert codes.n_unique() == len(codes)
    phones = pl.concat([records(entity, 3000)["phone"] for entity in ("person", "customer", "contact", "lead")])
    assert phones.str.starts_with("194").all()
    assert phones.n_unique() == len(phones)
    mails = pl.concat([records(entity, 3000)["email"].drop_nulls() for entity in ("person", "contact", "lead")])
    assert mails.str.contains(r"[@.]example\.com$").all()


def test_credit_codes_have_the_right_check_letter() -> None:
    stdnum = pytest.importorskip("stdnum.cn.uscc")
    assert all(stdnum.calc_check_digit(code[:-1]) == code[-1] for code in credit_codes(200))


def test_shares_of_a_deal_sum_to_one() -> None:
    sums = rows("deal_credit", "create").group_by("deal_id").agg(pl.col("share").sum())["share"]
    assert (sums == Decimal(1)).all()


def test_money_adds_up() -> None:
    plan = rows("payment_plan", "create").group_by("contract_id").agg(pl.col("amount").sum())
    signed = plan.join(rows("contract", "create").select("id", total="amount"), left_on="contract_id", right_on="id")
    assert (signed["amount"] == signed["total"]).all()
    lines = rows("order_line", "create").group_by("order_id").agg(pl.col("amount").sum().alias("lines"))
    orders = rows("order", "create").join(lines, left_on="id", right_on="order_id")
    assert (orders["amount"] == orders["lines"]).all()
    assert orders.height == rows("order", "create").height


def test_no_more_is_shipped_than_ordered() -> None:
    shipped = rows("shipment_line", "create").group_by("order_line_id").agg(pl.col("quantity").sum().alias("shipped"))
    lines = rows("order_line", "create").join(shipped, left_on="id", right_on="order_line_id")
    assert (lines["shipped"] <= lines["quantity"]).all()


def test_figures_look_like_a_sales_department() -> None:
    deals = records("deal", 3000)
    won = rows("deal", "win", 3000)["id"].n_unique()
    lost = rows("deal", "lose", 3000)["id"].n_unique()
    assert 0.25 < won / (won + lost) < 0.45
    still_open = deals.filter(pl.col("closed_on").is_null())
    assert 0.04 < still_open.height / deals.height < 0.15
    assert 0.01 < deals["amount"].null_count() / deals.height < 0.03
    shared = rows("deal_credit", "create", 3000)["deal_id"].n_unique() / deals.height
    assert 0.05 < shared < 0.11
    overdue = still_open.filter(pl.col("next_step_on") < TODAY)
    assert 0.1 < overdue.height / still_open.height < 0.8
    assert still_open["next_step_on"].null_count() > 0


def test_attainment_spreads_believably() -> None:
    targets, credited = records("target", 3000), wins(3000)
    own = targets.filter((pl.col("level") == "person") & (pl.col("ends_on") <= TODAY))
    reached = own.join_where(
        credited,
        pl.col("person_id") == pl.col("winner"),
        pl.col("closed_on") >= pl.col("starts_on"),
        pl.col("closed_on") < pl.col("ends_on"),
    )
    by_target = reached.group_by("id").agg(pl.col("won").sum(), pl.col("amount").first())
    rate = by_target["won"] / by_target["amount"].cast(pl.Float64)
    assert own.height > 8 * 25
    assert 0.75 < float(rate.median() or 0) < 1.1  # type: ignore[arg-type]
    assert float(rate.quantile(0.9) or 0) < 1.35
    assert rate.is_between(0.55, 1.35).mean() > 0.7  # type: ignore[operator]


def wins(deals: int) -> pl.DataFrame:
    """Credited wins in yuan deals: winner, closed_on, won."""
    won = (
        records("deal", deals)
        .filter(pl.col("currency") == "CNY")
        .join(rows("deal", "win", deals).select("id"), on="id", how="semi")
    )
    shares = rows("deal_credit", "create", deals).select("deal_id", "person_id", share=pl.col("share").cast(pl.Float64))
    each = won.join(shares, left_on="id", right_on="deal_id", how="left")
    return each.select(
        pl.col("person_id").fill_null(pl.col("owner_id")).alias("winner"),
        "closed_on",
        (pl.col("amount").cast(pl.Float64) * pl.col("share").fill_null(1.0)).alias("won"),
    )


def test_reps_are_rated_often_enough_to_be_judged() -> None:
    counts = rows("rating", "create", 3000).group_by("person_id").len()
    assert (counts["len"] >= 5).sum() >= 25


def test_everything_grows_in_step_up_to_the_knee_and_slower_above() -> None:
    assert volume("customer", KNEE) == 2 * volume("customer", KNEE // 2)
    assert volume("customer", 1_000_000) < 25 * volume("customer", KNEE)


@pytest.mark.parametrize("deals", [1, 20])
def test_a_tiny_demo_works_too(deals: int) -> None:
    assert records("deal", deals).height == deals


def test_rows_that_the_store_already_has_are_not_made_again() -> None:
    days = pl.DataFrame({"day": [date(2026, 10, 1)]})
    made = [c for batch in generate(20, 7, TODAY, ZONE, {**known(), "calendar_day": days}) for c in batch]
    calendar = next(change.rows for change in made if change.entity == "calendar_day")
    assert date(2026, 10, 1) not in calendar["day"].to_list()
    assert date(2026, 10, 2) in calendar["day"].to_list()


def test_the_calendar_knows_holidays_and_make_up_days() -> None:
    calendar = {row["day"]: row for row in rows("calendar_day", "create").iter_rows(named=True)}
    assert not calendar[date(2026, 10, 1)]["working"]
    assert calendar[date(2026, 2, 14)]["working"]
    assert calendar[date(2027, 10, 1)]["provisional"]
    assert not calendar[date(2026, 10, 1)]["provisional"]


def test_a_store_without_stages_is_refused() -> None:
    with pytest.raises(Misconfigured):
        next(generate(10, 1, TODAY, ZONE, {name: frame for name, frame in known().items() if name != "stage"}))


def test_the_clock_keeps_the_order_of_ticks() -> None:
    clock = Clock.of(TODAY, ZONE)
    ticks = np.arange(clock.now - 5400, clock.now)
    assert (np.diff(clock.moments(ticks)) > 0).all()
