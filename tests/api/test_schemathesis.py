"""Requests made from the document by schemathesis, as each role: no error on our side, no undocumented answer.

Bodies, parameters and headers are valid ones and broken ones; addresses hold records that exist and ones that do not.
"""

from __future__ import annotations

import os
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
from dashboard.domain.access import operator
from tests.api.calling import Api, application

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
    max_examples=10 if THOROUGH else 1,
    deadline=None,
    database=None,
    derandomize=not THOROUGH,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
ENDS_THE_SESSION = ("DELETE", "/v1/session")


@pytest.fixture(scope="module")
def known(api: Api) -> dict[str, str]:
    """A record of each kind, by its plural."""
    desk, found = api.desk, {}
    for word in PLURALS if THOROUGH else [word for words in KINDS.values() for word in words]:
        entity = PLURALS[word]
        rows = desk.store.find(operator(), entity.name, limit=1)
        found[word] = rows["id"][0] if rows.height else desk.make(entity.name)
    return found


@pytest.fixture(scope="module")
def operations() -> list[Any]:
    """What the document offers, the end of the own session aside."""
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", application())
    every = [found.ok() for found in schema.get_all_operations()]
    return [one for one in every if (one.method.upper(), one.path) != ENDS_THE_SESSION]


def chosen(path: str, role: str) -> bool:
    """Whether a role tries an address."""
    word = path.split("/")[2].partition(":")[0]
    return THOROUGH or word in KINDS[role] or word not in PLURALS


def addresses(path: str, known: dict[str, str]) -> Iterator[dict[str, str] | None]:
    """The parts of an address that are tried: made-up ones, and those of a record that exists."""
    yield None
    word = path.split("/")[2]
    if "{record_id}" in path and word in known:
        yield {"record_id": known[word]}


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_is_documented(api: Api, operations: list[Any], known: dict[str, str], role: str) -> None:
    person, tried = api(role), 0
    headers = {"Authorization": f"Bearer {person.secret}"}
    chosen_ones = [operation for operation in operations if chosen(operation.path, role)]
    for operation in chosen_ones:
        for parts in addresses(operation.path, known):
            for mode in GenerationMode.POSITIVE, GenerationMode.NEGATIVE:
                try_out(api, operation, mode, parts, headers)
                tried += 1
    assert tried > 2 * len(chosen_ones) > 60


def try_out(
    api: Api, operation: Any, mode: GenerationMode, parts: dict[str, str] | None, headers: dict[str, str]
) -> None:
    """Some requests of one kind."""
    more = {} if parts is None else {"path_parameters": parts}

    @EXAMPLES
    @given(case=operation.as_strategy(mode, **more) if possible(operation, mode) else st.nothing())
    def run(case: Any) -> None:
        case.call_and_validate(session=api.client, headers=headers, checks=CHECKS)

    if possible(operation, mode):
        run()


def possible(operation: Any, mode: GenerationMode) -> bool:
    """Whether there is anything to break."""
    return mode is GenerationMode.POSITIVE or bool(operation.body or operation.query or operation.headers)
