"""Imports for programs: rehearse files, commit what was rehearsed, undo what was committed.

A rehearsal waits here for its owner: in memory, for half an hour, and only as many as fit.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from dashboard.actions import imports
from dashboard.api import values
from dashboard.api.bodies import members, small
from dashboard.api.callers import Admitted, Caller
from dashboard.api.forms import form_of
from dashboard.api.gates import V1
from dashboard.api.once import Once
from dashboard.api.problems import BadRequest
from dashboard.api.records import answered
from dashboard.domain.entities import RECORDS
from dashboard.domain.ids import new_id
from dashboard.errors import NotFound, Problem, text_of
from dashboard.i18n import Language, has, translate
from dashboard.store.requests import Answer
from etl.ingest import Limits, Plan, Rehearsal, Source, load_plan, plan_for, preset
from etl.ingest import read as read_tables
from etl.ingest.report import likeness

router = APIRouter()
MOST_BYTES = 25 * 1024 * 1024
LIMITS = Limits(files=20, file_bytes=MOST_BYTES, rows=200_000, cells=10_000_000, unpacked_bytes=200 * 1024**2)
MOST_SHOWN = 200  # rows that are told in an answer; the counts cover all
PARTS = ("file", "entity", "preset", "map", "answers")
LIFETIME = dt.timedelta(minutes=30)
MOST_OF_ONE, MOST_HELD, MOST_HELD_BYTES = 3, 30, 512 * 1024**2


@dataclass(frozen=True)
class Held:
    """A rehearsal that waits to be committed."""

    import_id: str
    person_id: str
    rehearsal: Rehearsal
    until: dt.datetime

    @property
    def size(self) -> int:
        """Its bytes, about."""
        frames = (self.rehearsal.rows, *(change.rows for change in self.rehearsal.changes))
        return int(sum(frame.estimated_size() for frame in frames))


@dataclass
class Shelf:
    """The rehearsals of this process; the oldest make room."""

    held: OrderedDict[str, Held] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, held: Held) -> None:
        """Keep one more, of its owner no more than MOST_OF_ONE."""
        with self.lock:
            self.tidy()
            self.held[held.import_id] = held
            mine = [one.import_id for one in self.held.values() if one.person_id == held.person_id]
            for old in mine[:-MOST_OF_ONE]:
                del self.held[old]
            while len(self.held) > 1 and (
                len(self.held) > MOST_HELD or sum(one.size for one in self.held.values()) > MOST_HELD_BYTES
            ):
                self.held.popitem(last=False)

    def get(self, caller: Caller) -> Held:
        """The caller's rehearsal in the address. Raises NotFound for anybody else's, and when its time is over."""
        with self.lock:
            self.tidy()
            found = self.held.get(caller.part("import_id"))
        if found is None or found.person_id != caller.actor.person_id:
            raise NotFound("record.not_found", entity="import_batch")
        return found

    def tidy(self) -> None:
        """Drop what is over."""
        moment = dt.datetime.now(dt.UTC)
        for old in [key for key, one in self.held.items() if one.until < moment]:
            del self.held[old]


SHELF = Shelf()


@dataclass(frozen=True)
class Upload:
    """What was sent: what tells it from another form, the files, and the other parts."""

    said: bytes
    files: tuple[Source, ...]
    words: Mapping[str, str]


async def uploaded(request: Request) -> Upload:
    """A form with files."""
    form = await form_of(request, MOST_BYTES, LIMITS.files, PARTS)
    sources = [(part, Source(name.replace("\\", "/").split("/")[-1], data)) for part, name, data in form.files]
    words = {**form.words}
    words |= {part: source.data.decode("utf-8", errors="replace") for part, source in sources if part == "map"}
    return Upload(form.said, tuple(source for part, source in sources if part == "file"), words)


@router.post(f"{V1}/imports")
def rehearse(caller: Admitted, upload: Annotated[Upload, Depends(uploaded)]) -> Response:
    """Judge every row of files; nothing is written."""
    once = Once(caller, upload.said)

    def work() -> Response:
        try:
            found = imports.rehearse(
                caller.store, caller.actor, upload.files, plan_of(upload), answers_of(upload), LIMITS
            )
        except ValidationError:
            raise BadRequest("request.invalid", [Problem(None, "answers", "field.type")]) from None
        held = Held(new_id(), caller.actor.person_id, found, dt.datetime.now(dt.UTC) + LIFETIME)
        SHELF.put(held)
        body = values.dumped(told(held, caller.language))
        headers = {"Location": f"{caller.request.url.path}/{held.import_id}"}
        return once.keep_later(Answer(201, headers, body))

    return once.do(work)


def plan_of(upload: Upload) -> Plan:
    """The map that was sent or named, or what the headings say. Raises BadRequest."""
    given = [name for name in ("entity", "preset", "map") if upload.words.get(name)]
    if len(given) != 1:
        raise BadRequest("request.invalid", [Problem(None, "entity", "request.import_plan")])
    word = upload.words[given[0]]
    if given[0] == "preset":
        return preset(word)
    if given[0] == "map":
        return load_plan(word, "map")
    if word not in RECORDS:
        raise BadRequest("request.invalid", [Problem(None, "entity", "field.choice")])
    return plan_for(word, read_tables(upload.files, LIMITS))


def answers_of(upload: Upload) -> dict[str, str]:
    """What a person said to the questions of an earlier rehearsal. Raises BadRequest."""
    given = upload.words.get("answers")
    if not given:
        return {}
    try:
        found = json.loads(given)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise BadRequest("request.invalid", [Problem(None, "answers", "field.type")])
    return found


@router.get(f"{V1}/imports/{{import_id}}")
def get(caller: Admitted) -> Response:
    """A rehearsal that waits."""
    return answered(told(SHELF.get(caller), caller.language))


@router.post(f"{V1}/imports/{{import_id}}/commit")
def commit(caller: Admitted, body: Annotated[bytes, Depends(small)]) -> Response:
    """Write what was rehearsed, as one change-set."""
    once = Once(caller, body)

    def work() -> Response:
        given = checked(members(caller.request, body), {"again": bool, "name": str})
        held = SHELF.get(caller)
        done = imports.commit(
            caller.store, caller.actor, held.rehearsal, again=given.get("again", False), name=given.get("name")
        )
        content = {
            "batch_id": done.batch_id,
            "number": done.number,
            "revision": done.revision,
            "already": done.already,
            "counts": done.counts,
        }
        return once.keep_later(Answer(200, {}, values.dumped(content)))

    return once.do(work)


@router.post(f"{V1}/imports/{{import_id}}/undo")
def undo(caller: Admitted, body: Annotated[bytes, Depends(small)]) -> Response:
    """Put everything back as it was before an import, by the batch's id or number."""
    once = Once(caller, body)

    def work() -> Response:
        given = checked(members(caller.request, body), {"leave_changed": bool})
        leave = given.get("leave_changed", False)
        done = imports.undo(caller.store, caller.actor, caller.part("import_id"), leave_changed=leave)
        content = {
            "revision": done.revision,
            "archived": done.archived,
            "given_back": done.given_back,
            "left": done.left,
        }
        return once.keep_later(Answer(200, {}, values.dumped(content)))

    return once.do(work)


def checked(given: Mapping[str, Any], known: Mapping[str, type]) -> Mapping[str, Any]:
    """A body with these members only. Raises BadRequest."""
    problems = [Problem(None, name, "field.unknown", {"field": name}) for name in given if name not in known]
    problems += [
        Problem(None, name, "field.type", {"field": name})
        for name, value in given.items()
        if name in known and not isinstance(value, known[name])
    ]
    if problems:
        raise BadRequest("request.invalid", problems)
    return given


def told(held: Held, language: Language) -> dict[str, Any]:
    """What a rehearsal found."""
    found = held.rehearsal
    return {
        "id": held.import_id,
        "expires_at": held.until.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "sha256": found.content_sha256,
        "files": [{"name": name, "sha256": digest} for name, digest in found.files],
        "counts": found.counts,
        "total": found.total,
        "questions": [
            {
                "code": question.code,
                "detail": translate(
                    question.code, language, file=question.file, column=question.column, options=list(question.options)
                ),
                "file": question.file,
                "column": question.column,
                "options": list(question.options),
            }
            for question in found.questions
        ],
        "notices": [{"code": code, "detail": translate(code, language, **more)} for code, more in found.notices],
        "formats": [
            {"file": chosen.file, "column": chosen.column, "kind": chosen.kind, "format": chosen.format}
            for chosen in found.formats
        ],
        "reasons": [
            {**row, "detail": reason(row, found, language)} for row in found.reasons.head(MOST_SHOWN).to_dicts()
        ],
        "alike": [{**row, "detail": likeness(row, language)} for row in found.alike.head(MOST_SHOWN).to_dicts()],
        "differences": found.differences.head(MOST_SHOWN).to_dicts(),
    }


def reason(row: dict[str, Any], found: Rehearsal, language: Language) -> str:
    """Why a row is rejected."""
    code, value = row["code"], row["value"]
    more = {"field": row["field"], "entity": row["entity"], "currency": value, "base": found.currency}
    return text_of(code, {"value": value, **more}, language) if has(f"error.{code}") else code
