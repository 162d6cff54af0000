"""What went wrong, said with the words on the screen: labels instead of the names that the store speaks in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboard.domain import gates
from dashboard.domain.entities import ENTITIES
from dashboard.domain.labels import choice_label, entity_label, field_label, verb_label
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.errors import Invalid, Problem, SalesDeskError, text_of
from dashboard.i18n import Language


def refusal(problem: SalesDeskError, language: Language, entity: str) -> str:
    """A refusal in a sentence; of several values each with the field it is about."""
    if isinstance(problem, Invalid):
        return "\n\n".join(with_field(found, language, entity) for found in problem.problems)
    return text_of(problem.code, in_words(problem.values, language, entity), language)


def with_field(found: Problem, language: Language, entity: str) -> str:
    """What is wrong with a value, after the name of its field."""
    text = problem_text(found, language, entity)
    return f"{field_label(entity, found.field, language)}: {text}" if found.field in known(entity) else text


def problem_text(found: Problem, language: Language, entity: str) -> str:
    """What is wrong with a value; whoever shows it puts it beside the field."""
    return text_of(found.code, in_words(found.values, language, entity), language)


def in_words(values: dict[str, Any], language: Language, entity: str) -> dict[str, Any]:
    """The values of a text with labels where there are some."""
    about = str(values.get("entity") or entity)
    return {name: word(name, value, language, about) for name, value in values.items()}


def word(name: str, value: Any, language: Language, entity: str) -> Any:
    """One value as people call it."""
    if entity not in ENTITIES or value is None:
        return value
    cycle = LIFECYCLES.get(entity)
    labels: dict[str, Callable[[], Any]] = {
        "entity": lambda: entity_label(entity, language),
        "field": lambda: field_label(entity, value, language) if value in known(entity) else value,
        "fields": lambda: [field_label(entity, each, language) for each in value],
        "verb": lambda: verb_label(entity, value, language),
    }
    if cycle:
        labels["state"] = lambda: choice_label(entity, cycle.field, value, language)
        labels["allowed"] = lambda: [verb_label(entity, verb, language) for verb in value]
    if entity == "deal":
        labels["type"] = lambda: choice_label(entity, "stage_type", value, language)
        labels["missing"] = lambda: [gate_label(one, language) for one in value]
    return labels[name]() if name in labels else value


def gate_label(name: str, language: Language) -> str:
    """Something that a stage requires: a field, or evidence."""
    return choice_label("stage", "required_fields" if name in gates.FIELDS else "required_evidence", name, language)


def known(entity: str) -> frozenset[str]:
    """The fields that have a label."""
    return frozenset(ENTITIES[entity].by_name) if entity in ENTITIES else frozenset()
