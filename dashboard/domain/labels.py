"""What entities, fields, choices and verbs are called: the entity's own word, else the one it shares with others."""

from __future__ import annotations

import json
import re

from dashboard.i18n import Language, has, placeholders, texts, translate


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


STORED = re.compile(r"(\w+\.\w+)(?: (\d+|\{.*\}))?", re.DOTALL)


def coded(code: str, **values: object) -> str:
    """A text of the machine as the store keeps it, so that everybody reads it in their own language.

    values: texts, numbers, or lists of words, whose texts stand in data/locales as `why.<code>_<name>.<word>`.
    """
    return f"{code} {json.dumps(values, ensure_ascii=False)}" if values else code


def stored_text(text: str | None, lang: Language) -> str:
    """A text of the store in words: what a person wrote as it is, what the machine wrote from its code and values."""
    found = STORED.fullmatch(text or "")
    key = f"why.{found[1]}" if found else ""
    if found and has(key):
        values = values_of(key, found[2] or "{}", lang)
        if values is not None and placeholders(texts(lang)[key]) <= values.keys():
            return translate(key, lang, **values)
    return text or ""


def values_of(key: str, stored: str, lang: Language) -> dict[str, object] | None:
    """The values of a text of the machine; a bare number is called n. None for what is none of its texts."""
    if stored.isdigit():
        return {"n": int(stored)}
    try:
        found: dict[str, object] = json.loads(stored)
    except ValueError:
        return None
    return {name: worded(f"{key}_{name}", value, lang) for name, value in found.items()}


def worded(key: str, value: object, lang: Language) -> object:
    """A value, or the words of a list in the reader's language."""
    if not isinstance(value, list):
        return value
    return [translate(f"{key}.{word}", lang) if has(f"{key}.{word}") else word for word in value]
