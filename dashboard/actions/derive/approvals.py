"""The decisions on contracts: who is named at the submission, whose turn it is, and who decides for whom."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from dashboard.domain.approvals import Away, Staff, is_decider, steps
from dashboard.domain.changes import Change
from dashboard.domain.ids import new_id
from dashboard.errors import Refused
from dashboard.store import Derivation, Transaction

RUN, CONTRACT = "approval_run", "contract"
OPEN = ("pending", "proposed")
"""A decision whose turn it is, and those after it."""

RUN_FIELDS = ("entity", "person_id", "deputy_id", "status", "rank")
LIMITS = ("from_amount", "from_discount", "from_payment_terms_days")
RULE_FIELDS = ("team_id", "entity", "name", *LIMITS, "approver", "rank", "active")
PEOPLE = "absent people"
"""Under this name a transaction notes people whose absences changed, or who decide no more or again."""


def staff_of(open_: Transaction) -> Staff:
    """The people of the department as far as decisions go."""
    teams = open_.rows_of("team", ("parent_id", "manager_id")).to_dicts()
    people = open_.rows_of("person", ("team_id", "roles", "active")).sort("id").to_dicts()
    deciders = [row for row in people if is_decider(row["roles"], active=bool(row["active"]))]
    ahead = open_.rows_of("absence", ("person_id", "starts_on", "ends_on", "delegate_id"))
    away: dict[str, list[Away]] = {}
    for row in ahead.filter(pl.col("ends_on") >= open_.today).to_dicts():
        away.setdefault(row["person_id"], []).append(Away(row["starts_on"], row["ends_on"], row["delegate_id"]))
    return Staff(
        parents={row["id"]: row["parent_id"] for row in teams},
        managers={row["id"]: row["manager_id"] for row in teams},
        homes={row["id"]: row["team_id"] for row in people},
        deciders=frozenset(row["id"] for row in deciders),
        leaders=tuple(row["id"] for row in deciders if '"leader"' in row["roles"]),
        away={person: tuple(found) for person, found in away.items()},
    )


def named(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame) -> list[Change]:
    """The decisions that submitted contracts need. Raises Refused (contract.nobody_decides)."""
    staff = staff_of(open_)
    rules = open_.rows_of("approval_rule", RULE_FIELDS).filter(pl.col("active") & (pl.col("entity") == CONTRACT))
    contracts = open_.lookup(
        CONTRACT, "id", rows["id"], ("owner_id", "base_amount", "discount", "payment_terms_days")
    ).to_dicts()
    given = {row["id"]: row for row in rows.to_dicts()}
    made: list[dict[str, Any]] = []
    for contract in contracts:
        asked = contract | {name: value for name, value in given[contract["id"]].items() if name in contract}
        needed = steps(asked, rules.to_dicts(), staff)
        if not needed:
            if open_.stating:  # history may tell of contracts from before there was anybody
                continue
            raise Refused("contract.nobody_decides")
        for place, step in enumerate(needed):
            made.append({
                "id": new_id(),
                "rule_id": step.rules[0]["id"] if step.rules else None,
                "entity": CONTRACT,
                "record_id": contract["id"],
                "person_id": step.person_id,
                "deputy_id": staff.deputy(step.person_id, contract["owner_id"], open_.today),
                "status": "proposed" if place else "pending",
                "rank": place + 1,
                "details": named_rules(step.rules),
            })  # fmt: skip
    frame = pl.DataFrame(made, schema=SCHEMA)
    moments = moments_of(open_, rows, frame).alias("effective_at")
    return [Change(RUN, "create", frame.with_columns(moments))] if made else []


SCHEMA = {
    "id": pl.String, "rule_id": pl.String, "entity": pl.String, "record_id": pl.String, "person_id": pl.String,
    "deputy_id": pl.String, "status": pl.String, "rank": pl.Int64, "details": pl.String,
}  # fmt: skip


def named_rules(rules: tuple[Any, ...]) -> str | None:
    """The names of the rules that ask for a decision, as they are kept with it."""
    return json.dumps({"rules": [rule["name"] for rule in rules]}, ensure_ascii=False) if rules else None


def runs_of(open_: Transaction, rows: pl.DataFrame) -> pl.DataFrame:
    """The open decisions on contracts, in order."""
    found = open_.lookup(RUN, "record_id", rows["id"], RUN_FIELDS)
    return found.filter((pl.col("entity") == CONTRACT) & pl.col("status").is_in(OPEN)).sort("record_id", "rank")


def deciding(open_: Transaction, rows: pl.DataFrame) -> pl.DataFrame:
    """The decisions that this change makes: of each contract the one whose turn it is; the machine makes all of them.

    Raises Refused (contract.not_named) for anybody but the one who is named, and the deputy while that one is away.
    """
    found = runs_of(open_, rows)
    if open_.stating:
        return found
    now = found.filter(pl.col("status") == "pending")
    others = [run for run in now.to_dicts() if run["person_id"] != open_.actor.person_id]
    if now.height < rows.height or not all(stands_in(open_, run) for run in others):
        raise Refused("contract.not_named")
    return now


def stands_in(open_: Transaction, run: dict[str, Any]) -> bool:
    """Whether the person decides for somebody who is away today."""
    return run["deputy_id"] == open_.actor.person_id and staff_of(open_).is_away(run["person_id"], open_.today)


def decided(
    open_: Transaction, rows: pl.DataFrame, made: pl.DataFrame, status: str, after: pl.DataFrame | None = None
) -> list[Change]:
    """The decisions as they were made; after: those whose turn it is now."""
    if made.is_empty():
        return []
    notes = {row["id"]: row for row in rows.to_dicts()}
    told = made.select(
        "id",
        pl.lit(status).alias("status"),
        moments_of(open_, rows, made).alias("decided_at"),
        moments_of(open_, rows, made).alias("effective_at"),
        pl.Series("decided_by_id", [notes[one].get("approver_id") for one in made["record_id"]], dtype=pl.String),
        pl.Series("reason", [notes[one].get("decision_note") for one in made["record_id"]], dtype=pl.String),
    )
    changes = [Change(RUN, "update", told)]
    if after is not None and after.height:
        changes.append(became(open_, rows, after, "pending"))
    return changes


def following(open_: Transaction, made: pl.DataFrame) -> pl.DataFrame:
    """The next decision of each contract after those that are made."""
    rest = open_.lookup(RUN, "record_id", made["record_id"], RUN_FIELDS)
    rest = rest.filter((pl.col("entity") == CONTRACT) & (pl.col("status") == "proposed"))
    rest = rest.filter(~pl.col("id").is_in(made["id"].to_list()))
    return rest.sort("rank").unique("record_id", keep="first", maintain_order=True)


def undone(open_: Transaction, rows: pl.DataFrame, made: pl.DataFrame | None = None) -> list[Change]:
    """The open decisions that need not be made any more."""
    rest = runs_of(open_, rows)
    if made is not None:
        rest = rest.filter(~pl.col("id").is_in(made["id"].to_list()))
    return [became(open_, rows, rest, "undone")] if rest.height else []


def became(open_: Transaction, rows: pl.DataFrame, runs: pl.DataFrame, status: str) -> Change:
    """Decisions that are something else from the moment of the contract's verb on."""
    moments = moments_of(open_, rows, runs).alias("effective_at")
    return Change(RUN, "update", runs.select("id", pl.lit(status).alias("status"), moments))


def moments_of(open_: Transaction, rows: pl.DataFrame, runs: pl.DataFrame) -> pl.Series:
    """When the contracts of some decisions changed."""
    when = dict(zip(rows["id"], open_.when(rows), strict=True))
    return runs["record_id"].replace_strict(when, return_dtype=pl.Datetime("us"))


# -- absences ---------------------------------------------------------------------------------------------------------


def derive_absence(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The absences as they are; who decides meanwhile is settled at the end."""
    for frame in (change.rows, current):
        if "person_id" in frame.columns:
            touch_people(open_, frame["person_id"].drop_nulls())
    return change.rows, []


def touch_people(open_: Transaction, people: pl.Series) -> None:
    """Note people for whom others may have to decide now, or who may have to for others."""
    open_.touch(PEOPLE, people, pl.Series([open_.moment] * people.len(), dtype=pl.Datetime("us")))


def settle_absence(open_: Transaction) -> list[Change]:
    """The deputies on the open decisions that wait for people who were noted, or for whom these stand in."""
    people = pl.Series(list(open_.touched.pop(PEOPLE, {})), dtype=pl.String)
    if people.is_empty():
        return []
    named_ = [open_.lookup(RUN, key, people, (*RUN_FIELDS, "record_id")) for key in ("person_id", "deputy_id")]
    waiting = pl.concat(named_, how="diagonal").unique("id", maintain_order=True)
    waiting = waiting.filter((pl.col("entity") == CONTRACT) & pl.col("status").is_in(OPEN))
    if waiting.is_empty():
        return []
    staff = staff_of(open_)
    owners = dict(
        open_.lookup(CONTRACT, "id", waiting["record_id"], ("owner_id",)).select("id", "owner_id").iter_rows()
    )
    deputies = [staff.deputy(run["person_id"], owners.get(run["record_id"]), open_.today) for run in waiting.to_dicts()]
    fresh = waiting.select("id").with_columns(pl.Series("deputy_id", deputies, dtype=pl.String))
    return [Change(RUN, "update", fresh)]


ABSENCE = Derivation(reads=("person_id",), apply=derive_absence, settle=settle_absence)
