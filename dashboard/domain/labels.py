"""What entities, fields, choices and verbs are called: the entity's own word, else the one it shares with others."""

from __future__ import annotations

import re

from dashboard.i18n import Language, has, translate


def entity_label(entity: str, lang: Language, *, many: bool = False) -> str:
    """The name of one record of an entity, or of many."""
    return translate(f"entity.{entity}.{'many' if many else 'one'}", lang)


def field_label(entity: str, field: str, lang: Language) -> str:
    """The column label of a field, also of the system and history columns."""
    return translate(own_or_common("field", entity, field), lang)


def choice_label(entity: str, field: str, word: str, lang: Language) -> str:
    """The label of one word of a choice field."""
    return translate(own_or_common("choice", entity, f"{field}.{word}"), lang)


def verb_label(entity: str, verb: str, lang: Language) -> str:
    """The text of a verb's button, with its object."""
    return translate(own_or_common("verb", entity, verb), lang, entity=inside_a_sentence(entity_label(entity, lang)))


def own_or_common(part: str, entity: str, rest: str) -> str:
    """The key of the entity's own word when there is one, else of the shared word."""
    own = f"{part}.{entity}.{rest}"
    return own if has(own) else f"{part}.common.{rest}"


def inside_a_sentence(label: str) -> str:
    """A label as it stands after other words: "Access token" → "access token", while "URL" stays."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


STORED_REASON = re.compile(r"(\w+\.\w+) (\d+)")


def why_text(why: str | None, lang: Language) -> str:
    """A reason in words: what a person wrote as it is, what the machine wrote as a code and a number translated."""
    found = STORED_REASON.fullmatch(why or "")
    if found and has(f"why.{found[1]}"):
        return translate(f"why.{found[1]}", lang, n=int(found[2]))
    return why or ""
