"""The document, the routes and the table of gates hold together: nothing is served undocumented or unguarded."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dashboard.actions.reveal import REVEAL
from dashboard.api import queries, revealing
from dashboard.api.addresses import PLURALS, verbs_of
from dashboard.api.app import create
from dashboard.api.document import document
from dashboard.api.gates import GATES, Right
from dashboard.api.orders import MAKERS
from dashboard.api.writing import ABOUT
from dashboard.domain.entities import LOGS, RECORDS
from dashboard.domain.fields import Kind
from dashboard.i18n import LANGUAGES

UNDOCUMENTED = {
    "POST /operator",
    "GET /health",
    "GET /openapi.json",
    "GET /docs",
    "GET /docs/{file}",
    "OPTIONS /v1/web-leads",
}
PROBLEM = re.compile(r"[45]\d\d")


def routes() -> set[str]:
    """Method and path of everything that is served."""
    return {f"{method} {route.path}" for route in create().routes for method in route.methods}  # type: ignore[attr-defined]


def operations() -> dict[str, dict[str, Any]]:
    """Every documented operation by method and path."""
    return {
        f"{method.upper()} {path}": operation
        for path, item in document("en")["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


def test_every_route_has_a_gate_and_every_gate_a_route() -> None:
    assert routes() == GATES.keys()


def test_a_route_without_a_gate_is_noticed() -> None:
    app = create()
    app.add_api_route("/v1/forgotten", lambda: None, methods=["GET"])
    served = {f"{method} {route.path}" for route in app.routes for method in route.methods}  # type: ignore[attr-defined]
    assert served - GATES.keys() == {"GET /v1/forgotten"}


def test_what_is_open_to_everybody_is_little() -> None:
    assert {key for key, gate in GATES.items() if gate.right is Right.OPEN} == {
        *(UNDOCUMENTED - {"POST /operator"}),
        "GET /v1/calendar/{secret}.ics",
        "GET /v1/health",
        "POST /v1/session",
        "OPTIONS /v1/web-leads",
        "POST /v1/web-leads",
    }


def test_what_writes_says_so() -> None:
    """A token that only reads gets through no gate that changes records."""
    for key, gate in GATES.items():
        if not key.startswith("GET") and gate.right is not Right.OPEN and gate.right is not Right.PASSWORD:
            assert gate.writes, key


def test_every_route_is_documented_and_nothing_else() -> None:
    expected = set()
    for key in GATES.keys() - UNDOCUMENTED:
        if "{plural:entity}" not in key:
            expected.add(key)
            continue
        for word, entity in PLURALS.items():
            path = key.replace("{plural:entity}", word)
            if entity.name == "import_batch" and not key.startswith("GET"):
                continue
            makers = (word for owner, word in MAKERS if owner == entity.name)
            quickly = ("quick",) if entity.name == "deal" else ()
            reveals = (REVEAL,) if revealing.revealable(entity) else ()
            verbs = (*verbs_of(entity), *makers, *quickly, *reveals) if "{verb}" in path else ("",)
            expected |= {path.replace("{verb}", verb) for verb in verbs}
    assert operations().keys() == expected


def test_records_have_addresses_and_the_machines_own_rows_have_none() -> None:
    assert {entity.name for entity in PLURALS.values()} == RECORDS.keys()
    assert not {entity.plural.replace("_", "-") for entity in LOGS.values()} & PLURALS.keys()
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", word) for word in PLURALS)
    assert {"leads", "deals", "people", "calendar-days", "feedback"} <= PLURALS.keys()


def test_every_operation_documents_its_refusals() -> None:
    for key, operation in operations().items():
        answers = set(operation["responses"])
        assert any(not PROBLEM.fullmatch(status) for status in answers), key
        assert {"500", "503"} <= answers, key
        if operation.get("security") != []:
            assert {"401", "403"} <= answers, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reference_in_the_document_leads_somewhere(language: str) -> None:
    whole = document(language)  # type: ignore[arg-type]

    def check(part: Any) -> None:
        if isinstance(part, dict):
            if "$ref" in part:
                found = whole
                for step in part["$ref"].removeprefix("#/").split("/"):
                    found = found[step]
            for inner in part.values():
                check(inner)
        elif isinstance(part, list):
            for inner in part:
                check(inner)

    check(whole)


def test_every_field_is_documented_with_words_and_units() -> None:
    schemas = document("en")["components"]["schemas"]
    assert schemas["Deal"]["properties"]["amount"]["type"] == ["string", "null"]
    assert "minutes" in schemas["Interaction"]["properties"]["duration_minutes"]["description"]
    assert "open = " in schemas["Deal"]["properties"]["stage_type"]["description"]
    assert schemas["NewDeal"]["required"] == ["name", "created_on"]
    assert "stage_type" not in schemas["DealChanges"]["properties"]
    assert schemas["DealReopen"]["required"] == ["why"]
    for entity in RECORDS.values():
        shown = schemas["".join(word.capitalize() for word in entity.name.split("_"))]["properties"]
        fields = {field.name for field in entity.all_fields if field.kind is not Kind.BINARY}
        assert fields <= shown.keys(), entity.name
        assert all(shown[name]["description"] for name in shown), entity.name


def test_words_of_addresses_and_bodies_are_no_fields() -> None:
    for entity in RECORDS.values():
        known = {"known_at"} if entity.name == "appraisal" else set()  # its filters are known_at__gte and the like
        assert {*queries.OPTIONS, *ABOUT} & entity.by_name.keys() == known, entity.name
        assert not any("__" in name for name in entity.by_name), entity.name


def test_a_verb_is_no_other_part_of_an_address() -> None:
    for entity in RECORDS.values():
        assert "history" not in verbs_of(entity)
