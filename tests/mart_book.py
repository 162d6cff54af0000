"""A small book of facts for tests of marts and metrics: records are put down and changed day by day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from dashboard.domain.changes import UNDO
from dashboard.domain.metrics import METRICS
from etl.marts import SOURCES, Marts, build, no_facts
from etl.marts.sources import TABLE
from etl.metrics import Answer, Population, Question, compute, records

ZONE = "Asia/Shanghai"
TODAY = date(2026, 11, 23)
CENT = 100
YUAN = 10_000
"""One unit of money, and one cent, in the marts."""

STAGES = {
    "S1": ("open", 1, 0.1),
    "S2": ("open", 2, 0.3),
    "S3": ("open", 3, 0.6),
    "won": ("won", None, 1.0),
    "lost": ("lost", None, 0.0),
}


def day(text: str) -> date:
    """A day of 2026 from "11-23", or any other from "2025-11-23"."""
    return date.fromisoformat(text if text.count("-") == 2 else f"2026-{text}")


def local_day(text: str) -> date:
    """The day of a day or local time."""
    return day(text.partition(" ")[0])


def moment(text: str | datetime) -> datetime:
    """Naive UTC from a day in Shanghai (its noon) or a local time like "11-23 09:30"."""
    if isinstance(text, datetime):
        return text
    on, _, clock = text.partition(" ")
    local = datetime.combine(day(on), time.fromisoformat(clock or "12:00"), ZoneInfo(ZONE))
    return local.astimezone(UTC).replace(tzinfo=None)


class Book:
    """Facts in the order in which they are recorded; each call is one revision."""

    def __init__(self, stages: bool = True) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {entity: [] for entity in SOURCES}
        self.now: dict[tuple[str, str], dict[str, Any]] = {}
        self.revision = 0
        self.built: tuple[int, Marts] | None = None
        for name, (kind, rank, chance) in STAGES.items() if stages else ():
            self.put("stage", name, "2020-01-01", code=name, type=kind, rank=rank, probability=chance, active=True)

    def put(
        self, entity: str, id: str, at: str | datetime, recorded: str | datetime | None = None, **values: Any
    ) -> None:
        """A record is created."""
        self.write(entity, id, at, recorded, "create", "*", values)

    def change(
        self, entity: str, id: str, at: str | datetime, recorded: str | datetime | None = None, **values: Any
    ) -> None:
        """A record is changed: the change states the given fields."""
        self.write(entity, id, at, recorded, "update", f",{','.join(values)},", values)

    def take_back(self, entity: str, id: str, recorded: str | datetime) -> None:
        """What was written last about a record is taken back: it holds again what it held before."""
        gone = self.now[entity, id]
        before = next(row for row in self.rows[entity] if (row["id"], row["version"]) == (id, gone["version"] - 1))
        values = {name: before[name] for name in gone["changed"].strip(",").split(",")}
        self.write(entity, id, gone["effective_at"], recorded, UNDO, gone["changed"], values)

    def archive(self, entity: str, id: str, at: str | datetime, recorded: str | datetime | None = None) -> None:
        """A record is archived."""
        self.change(entity, id, at, recorded, archived_at=moment(at))

    def write(
        self,
        entity: str,
        id: str,
        at: str | datetime,
        recorded: str | datetime | None,
        verb: str,
        changed: str,
        values: Mapping[str, Any],
    ) -> None:
        """One row of a history."""
        self.revision += 1
        before = self.now.get((entity, id), {"version": 0, "archived_at": None, **dict.fromkeys(SOURCES[entity])})
        after = {
            **before,
            **{
                name: day(value) if name.endswith("_on") and isinstance(value, str) else value
                for name, value in values.items()
            },
            "id": id,
            "version": before["version"] + 1,
            "revision": self.revision,
            "effective_at": moment(at),
            "recorded_at": moment(recorded if recorded is not None else at),
            "verb": verb,
            "changed": changed,
        }
        self.now[entity, id] = after
        self.rows[entity].append(after)

    def person(self, id: str, team: str | None = None, region: str | None = None, at: str = "2020-01-02") -> None:
        """Somebody joins."""
        self.put("person", id, at, team_id=team, region_id=region, active=True)

    def deal(self, id: str, at: str, stage: str = "S1", amount: float | None = 100, **values: Any) -> None:
        """A deal is created in a stage; amounts are in whole units."""
        on = local_day(at)
        money = None if amount is None else round(amount * YUAN)
        self.put("deal", id, at, **{"created_on": on, "base_amount": money, **stage_fields(stage), **values})

    def move(self, id: str, at: str, stage: str, **values: Any) -> None:
        """A deal enters a stage."""
        self.change("deal", id, at, **stage_fields(stage), **values)

    def win(self, id: str, at: str, credits: Mapping[str, float] | None = None, **values: Any) -> None:
        """A deal is won; `credits` are amounts by person, by default all of it for its owner."""
        now = self.now["deal", id]
        owner, amount = now["owner_id"], values.get("base_amount", now["base_amount"])
        place = self.now.get(("person", owner), {"team_id": None, "region_id": None})
        closing = {"closed_owner_id": owner, "closed_team_id": place["team_id"], "closed_region_id": place["region_id"]}
        self.move(id, at, "won", **{"closed_on": local_day(at), **closing, **values})
        given = credits if credits is not None else ({owner: (amount or 0) / YUAN} if owner else {})
        for person, money in given.items():
            self.credit(id, person, at, money, money / ((amount or 0) / YUAN) if amount else 1.0)

    def credit(self, deal: str, person: str, at: str, money: float | None, share: float) -> None:
        """Somebody's share of a deal, with the money once it is won."""
        place = self.now.get(("person", person), {"team_id": None, "region_id": None})
        stored = (
            {} if money is None else {"amount": round(money * YUAN), **{k: place[k] for k in ("team_id", "region_id")}}
        )
        key = f"{deal}/{person}"
        if ("deal_credit", key) in self.now:
            self.change("deal_credit", key, at, share=share, **stored)
        else:
            self.put("deal_credit", key, at, deal_id=deal, person_id=person, share=share, **stored)

    def lose(self, id: str, at: str, reason: str | None = None) -> None:
        """A deal is lost."""
        now = self.now["deal", id]
        place = self.now.get(("person", now["owner_id"]), {"team_id": None, "region_id": None})
        closing = {
            "closed_owner_id": now["owner_id"],
            "closed_team_id": place["team_id"],
            "closed_region_id": place["region_id"],
        }
        self.move(id, at, "lost", closed_on=local_day(at), lost_reason_id=reason, **closing)

    def target(self, id: str, since: str, until: str, amount: float, at: str = "2020-01-02", **holder: Any) -> None:
        """A target: of a person_id, a team_id or the company."""
        level = "person" if "person_id" in holder else "team" if "team_id" in holder else "company"
        dates: dict[str, Any] = {"starts_on": day(since), "ends_on": day(until)}
        self.put("target", id, at, level=level, amount=round(amount * YUAN), **dates, **holder)

    def rate(self, person: str, score: int, at: str, customer: str = "K") -> None:
        """A customer rates somebody."""
        key = f"R{len(self.rows['rating']):06}"
        self.put("rating", key, at, person_id=person, score=score, rated_on=day(at), customer_id=customer)

    def task(self, id: str, at: str, person: str, due: str | None, hours: float | None = None, **values: Any) -> None:
        """A task is given to somebody."""
        on = None if due is None else day(due)
        known: dict[str, Any] = {
            "assignee_id": person,
            "due_on": on,
            "effort_hours": hours,
            "created_on": day(at),
            "status": "open",
        }
        self.put("task", id, at, **known, **values)

    def done(self, id: str, at: str) -> None:
        """A task is done."""
        self.change("task", id, at, status="done", done_on=day(at))

    def facts(self, since: int = 0) -> dict[str, pl.DataFrame]:
        """Everything recorded after a revision, as `store.facts` gives it."""
        return {
            entity: frame_of(entity, [row for row in rows if row["revision"] > since])
            for entity, rows in self.rows.items()
        }

    def marts(self) -> Marts:
        """The marts of everything, built anew when something was written."""
        written = sum(len(rows) for rows in self.rows.values())
        if self.built is None or self.built[0] != written:
            self.built = (written, build(self.facts(), self.revision, ZONE))
        return self.built[1]

    def ask(self, name: str, since: str | None = None, until: str | None = None, **more: Any) -> Answer:
        """A metric for everybody, or for `population`."""
        question, population = asked(name, since, until, more)
        return compute(question, self.marts(), population)

    def behind(self, name: str, since: str | None = None, until: str | None = None, **more: Any) -> list[str]:
        """The ids behind a metric."""
        question, population = asked(name, since, until, more)
        return records(question, self.marts(), population)[1].to_list()


def stage_fields(stage: str) -> dict[str, Any]:
    """What history states at an entry."""
    kind, rank, _ = STAGES[stage]
    return {"stage_id": stage, "stage_type": kind, "stage_rank": rank}


def asked(name: str, since: str | None, until: str | None, more: dict[str, Any]) -> tuple[Question, Population]:
    """A question about days written short."""
    population = more.pop("population", None) or Population.everything(METRICS[name])
    dates: dict[str, Any] = {"since": since and day(since), "until": until and day(until)}
    as_of, known_at = more.pop("as_of", None), more.pop("known_at", None)
    moments: dict[str, Any] = {"as_of": as_of and day(as_of), "known_at": known_at and moment(known_at)}
    return Question(name, **dates, **moments, **{"today": TODAY, **more}), population


def frame_of(entity: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows of one entity's history in the columns and types of the facts."""
    schema = no_facts(entity).schema
    assert set(TABLE[entity].columns) <= set(schema)
    return pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema)


def one(answer: Answer) -> dict[str, Any]:
    """The only row of an answer."""
    assert answer.frame.height == 1, answer.frame
    return answer.frame.row(0, named=True)


def keyed(answer: Answer, column: str = "value") -> dict[Any, Any]:
    """A column of an answer by its dimensions: by the key when there is one, else by a tuple."""
    keys = answer.frame.columns[: answer.frame.columns.index("value")]
    pairs = zip(answer.frame.select(keys).iter_rows(), answer.frame[column], strict=True)
    return {key[0] if len(key) == 1 else key: value for key, value in pairs}


def later(text: str, days: int) -> str:
    """So many days after a day, written in full."""
    return (day(text) + timedelta(days=days)).isoformat()
