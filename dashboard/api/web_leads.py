"""Leads from web pages: anybody may send them with a form's key; nobody learns anything but that they were received."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from dashboard.actions.web_leads import ASKED, CONSENT, KEY, TRAP, receive
from dashboard.api import problems, values
from dashboard.api.bodies import MEDIA_TYPES, check_text, members, read
from dashboard.api.callers import VIA, Admitted, desk_now
from dashboard.api.gates import V1
from dashboard.api.once import JSON, Once, responded
from dashboard.api.problems import BadRequest, TooMany, Unauthenticated, WrongType
from dashboard.api.records import answered
from dashboard.domain.access import system
from dashboard.domain.ids import new_id
from dashboard.errors import Invalid, Problem, SalesDeskError
from dashboard.store import Store
from dashboard.store.audit import Entry
from dashboard.store.rates import Rate
from dashboard.store.requests import Answer
from dashboard.store.web_keys import FORM, WebKeys

router = APIRouter()
ADDRESS = f"{V1}/web-leads"
KEYS = f"{V1}/web-forms/{{form_id}}/keys"

MOST_BYTES = 16 * 1024
MOST_FIELDS = 30
LONGEST_KEY = 100
SENDER = 16  # letters of the hash that tells senders apart in the audit
FORM_TYPE = "application/x-www-form-urlencoded"
HEADER = "x-form-key"
YES = ("true", "on", "yes", "1")

HOUR = timedelta(hours=1)
PER_ADDRESS = Rate("web leads of an address", 10, timedelta(minutes=1))
PER_KEY = Rate("web leads of a form", 600, HOUR)
NOTED = Rate("refused web leads of one kind from an address", 1, HOUR)
NOTED_AT_ALL = Rate("refused web leads of a form", 60, HOUR)
REFUSED = "refuse_lead"
"""The verb of the audit."""


async def little(request: Request) -> bytes:
    """The body of a form. Raises TooLarge (body.too_large)."""
    return await read(request, MOST_BYTES)


@router.options(ADDRESS)
def preflight(request: Request) -> Response:
    """Whether a page may send: the browser asks before it sends anything but a plain form."""
    origin = request.headers.get("origin")
    known = origin is not None and origin in WebKeys(desk_now().store).origins()
    allowed = {
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": f"content-type, {HEADER}",
        "Access-Control-Max-Age": "600",
    }
    return Response(status_code=204, headers={**shared_with(origin if known else None), **(allowed if known else {})})


@router.post(ADDRESS)
def send(request: Request, body: Annotated[bytes, Depends(little)]) -> Response:
    """A lead from a web page."""
    origin = request.headers.get("origin")
    try:
        answer, known = received(request, body, origin)
    except Sent as sent:
        answer, known = problems.refused(request, sent.problem), sent.known
    answer.headers.update(shared_with(origin if known else None))
    return answer


class Sent(Exception):
    """A refusal, and whether the page that sent may read it."""

    def __init__(self, problem: SalesDeskError, *, known: bool) -> None:
        self.problem, self.known = problem, known


def received(request: Request, body: bytes, origin: str | None) -> tuple[Response, bool]:
    """The answer to a lead, and whether its page may read it. Raises Sent."""
    store, address = desk_now().store, request.client.host if request.client else ""
    known, form = False, None
    try:
        within(store, PER_ADDRESS, address)
        given = texts(request, body)
        secret = str(request.headers.get(HEADER) or given.pop(KEY, ""))
        given.pop(KEY, None)
        form = WebKeys(store).form_with(secret) if 0 < len(secret) <= LONGEST_KEY else None
        if form is None or (origin is not None and origin not in (form["origins"] or ())):
            raise Unauthenticated("web_lead.key")
        known = origin is not None
        within(store, PER_KEY, form["id"])
        if given.get(TRAP):
            return told(new_id()), known
        found = wanted(given)
        return told(receive(store, form, found, origin, store.company.today())), known
    except SalesDeskError as problem:
        note(store, problem, str(form["id"]) if form else None, address)
        raise Sent(problem, known=known) from None


def within(store: Store, rate: Rate, *whom: str) -> None:
    """Count one; raises TooMany (web_lead.too_many) beyond the limit."""
    if seconds := store.rates.use(rate, *whom):
        raise TooMany("web_lead.too_many", seconds, wait=seconds)


def note(store: Store, problem: SalesDeskError, form_id: str | None, address: str) -> None:
    """Write a refusal to the audit: why, of which form, and a keyed hash of where from; nothing of what was sent.

    Of one kind from one address once in a while, and of one form so many an hour: nobody can fill the store.
    """
    codes = sorted({problem.code, *(found.code for found in getattr(problem, "problems", ()))})
    sender = store.rates.hashed(NOTED, address)[:SENDER]
    if store.rates.use(NOTED, form_id or "", address, *codes) or store.rates.use(NOTED_AT_ALL, form_id or ""):
        return
    entry = Entry(REFUSED, FORM, form_id, 0, None, {"codes": codes, "sender": sender})
    store.note(system().model_copy(update={"via": VIA}), [entry])


def told(reference: str) -> Response:
    """Received: a reference and nothing else, whatever became of it."""
    return Response(values.dumped({"reference": reference}), 202, {"Cache-Control": "no-store"}, JSON)


def shared_with(origin: str | None) -> dict[str, str]:
    """The headers by which a browser lets a page read the answer."""
    return {"Vary": "Origin", **({"Access-Control-Allow-Origin": origin} if origin else {})}


def texts(request: Request, body: bytes) -> dict[str, Any]:
    """The members of a body in JSON or of a form. Raises BadRequest, WrongType."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind in MEDIA_TYPES:
        return members(request, body)
    if kind != FORM_TYPE:
        raise WrongType("body.media_type", known=[*MEDIA_TYPES[:1], FORM_TYPE])
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(body), errors="strict",
            max_num_fields=MOST_FIELDS,
        )  # fmt: skip
    except ValueError:
        raise BadRequest("web_lead.not_a_form") from None
    for text in (part for pair in pairs for part in pair):
        check_text(text)
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BadRequest("web_lead.not_a_form")
    return found


def wanted(given: Mapping[str, Any]) -> dict[str, str]:
    """The texts that are filled. Raises Invalid for fields that are not asked, and without consent."""
    known = (*ASKED, CONSENT, TRAP)
    faults = [Problem(None, name, "field.unknown", {"field": name}) for name in given if name not in known]
    found: dict[str, str] = {}
    for name in ASKED:
        value = given.get(name)
        if value is not None and not isinstance(value, str):
            faults.append(Problem(None, name, "field.type", {"field": name}))
        elif value and value.strip():
            found[name] = value.strip()
    agreed = given.get(CONSENT)
    if agreed is not True and not (isinstance(agreed, str) and agreed.strip().lower() in YES):
        faults.append(Problem(None, CONSENT, "web_lead.no_consent", {"field": CONSENT}))
    if faults:
        raise Invalid(faults)
    return found


# -- keys -------------------------------------------------------------------------------------------------------------


@router.get(KEYS)
def find(caller: Admitted) -> Response:
    """The keys of a form, their secrets aside."""
    found = WebKeys(caller.store).of(caller.actor, caller.part("form_id"))
    return answered({"items": values.readable(None, found).to_dicts()})


@router.post(KEYS)
def issue(caller: Admitted) -> Response:
    """A new key; its secret is in this answer and nowhere else."""
    once = Once(caller, b"")

    def work() -> Response:
        made: list[Answer] = []

        def then(cursor: Any, key_id: str, secret: str) -> None:
            made.append(Answer(201, {"Cache-Control": "no-store"}, values.dumped({"id": key_id, "key": secret})))
            once.keep(cursor, made[0])

        WebKeys(caller.store).issue(caller.actor, caller.part("form_id"), then)
        return responded(made[0])

    return once.do(work)


@router.delete(f"{KEYS}/{{key_id}}")
def revoke(caller: Admitted) -> Response:
    """End a key."""
    WebKeys(caller.store).revoke(caller.actor, caller.part("form_id"), caller.part("key_id"))
    return Response(status_code=204, media_type=JSON)
