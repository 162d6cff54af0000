"""Requests made from the document by schemathesis, as each role: no error on our side, no undocumented answer.

Bodies, parameters and headers are valid ones and broken ones; addresses hold records that exist and ones that do not.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from dashboard.api.addresses import PLURALS
from dashboard.api.document import document
from dashboard.domain.access import operator
from dashboard.domain.queries import Condition, Operator
from tests.api.calling import Api, application
from tests.selling import sell

ROLES = ("rep", "manager", "leader", "support", "admin")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
KINDS: dict[str, tuple[str, ...]] = {
    "rep": ("deals", "contacts"),
    "manager": ("leads", "appraisals"),
    "leader": ("contracts", "targets"),
    "support": ("tickets", "saved-views"),
    "admin": ("people", "calendar-days"),
}
"""With these every kind of value, verb and reach occurs; HYPOTHESIS_PROFILE=thorough has each role try all kinds."""
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
EXAMPLES = settings(
    max_examples=20 if THOROUGH else 2,
    deadline=None,
    database=None,
    derandomize=not THOROUGH,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
PATIENCE_SECONDS = 60  # a busy machine is no fault of an answer
ENDS_THE_SESSION = ("DELETE", "/v1/session")


@pytest.fixture(scope="module")
def known(api: Api) -> dict[str, str]:
    """A record of each kind, by its plural, within reach of those who try it."""
    desk = api.desk
    sell(desk)
    customer = desk.make("customer", owner_id=desk.people["rep"])
    given: dict[str, dict[str, Any]] = {
        "contact": {"customer_id": customer},
        "lead": {"owner_id": desk.people["rep"]},
        "appraisal": {"person_id": desk.people["rep"]},
        "saved_view": {"person_id": desk.people["support"]},
    }
    found = {}
    for word in PLURALS if THOROUGH else [word for words in KINDS.values() for word in words]:
        name = PLURALS[word].name
        mine = [Condition("owner_id", Operator.EQ, desk.people["rep"])] if name == "deal" else []
        rows = desk.store.find(operator(), name, mine, limit=1)
        found[word] = rows["id"][0] if rows.height and name not in given else desk.make(name, **given.get(name, {}))
    return found


@pytest.fixture(scope="module")
def operations() -> list[Any]:
    """What the document offers, the end of the own session aside; the token is always sent, never broken."""
    app = application()
    found: dict[str, Any] = {key: part for key, part in document("en").items() if key != "security"}
    schema = schemathesis.openapi.from_dict(found)
    schema.app, schema.location = app, "/api/openapi.json"
    every = [one.ok() for one in schema.get_all_operations()]
    return [one for one in every if (one.method.upper(), one.path) != ENDS_THE_SESSION]


def chosen(path: str, role: str) -> bool:
    """Whether a role tries an address."""
    word = path.split("/")[2].partition(":")[0]
    return THOROUGH or word in KINDS[role] or word not in PLURALS


def ways(operation: Any, known: dict[str, str]) -> Iterator[tuple[GenerationMode, dict[str, Any]]]:
    """Valid and broken requests, and what is not made up in them: a record that exists; nothing asked besides."""
    modes = [GenerationMode.POSITIVE]
    if operation.body or operation.query or operation.headers:
        modes.append(GenerationMode.NEGATIVE)
    yield from ((mode, {}) for mode in modes)
    word = operation.path.split("/")[2]
    there = {"path_parameters": {"record_id": known[word]}} if "{record_id}" in operation.path else {}
    if there:
        yield from ((mode, there) for mode in modes)
    if operation.method.upper() == "GET":
        yield GenerationMode.POSITIVE, {**there, "query": {}}


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_is_documented(api: Api, operations: list[Any], known: dict[str, str], role: str) -> None:
    person, answered, faults = api(role), Counter[int](), []
    headers = {"Authorization": f"Bearer {person.secret}"}
    for operation in operations:
        if chosen(operation.path, role):
            for mode, given_parts in ways(operation, known):
                try:
                    answered += tried(api, operation.as_strategy(mode, **given_parts), headers)
                except (Exception, ExceptionGroup) as fault:  # noqa: BLE001  (all of them are told at the end)
                    faults.append(f"{operation.method.upper()} {operation.path}: {told(fault)}")
    assert not faults, "\n\n".join(faults)
    assert {200, 400, 403, 404} <= answered.keys(), answered
    assert answered.total() > 120
    assert answered[401] < answered.total() / 10, "the session lasts; only keys of the public addresses are refused"


def told(fault: BaseException) -> str:
    """What was wrong with an answer, and how to ask for it again."""
    inner = fault.exceptions if isinstance(fault, BaseExceptionGroup) else (fault,)
    return "\n".join(told(one) if isinstance(one, BaseExceptionGroup) else f"{one}" for one in inner)


def tried(api: Api, cases: st.SearchStrategy[Any], headers: dict[str, str]) -> Counter[int]:
    """Some requests of one kind; how they were answered."""
    answered = Counter[int]()

    @EXAMPLES
    @given(case=cases)
    def run(case: Any) -> None:
        found = case.call_and_validate(session=api.client, headers=headers, checks=CHECKS, timeout=PATIENCE_SECONDS)
        answered[found.status_code] += 1

    run()
    return answered
