"""Every declared word has a label in both languages, and no label is there for nothing."""

from __future__ import annotations

import re
import tomllib
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.actions.interactions import LOG
from dashboard.domain.access import Action, Reach, Role, Visibility
from dashboard.domain.changes import UNDO
from dashboard.domain.entities import ENTITIES, RECORDS
from dashboard.domain.fields import HISTORY_COLUMNS, SYSTEM_COLUMNS, Entity, Group
from dashboard.domain.labels import choice_label, entity_label, field_label, verb_label
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.i18n import LANGUAGES, Language, MissingText, translate

LOCALES = Path(__file__).resolve().parents[1] / "data" / "locales"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
WITHOUT_CHINESE = {"ID", "%"}
UNITS = sorted({field.unit for entity in ENTITIES.values() for field in entity.all_fields if field.unit})
COMMON_VERBS = ("create", "update", "archive", "restore", "snooze")
POOL_VERBS = ("assign", "claim", "release", "merge")
NAMED = {"role": Role, "action": Action, "reach": Reach, "group": Group, "visibility": Visibility}


def columns_of(entity: Entity) -> list[str]:
    """The names of all columns that a person may meet, of the record and of its history."""
    system = SYSTEM_COLUMNS[:1] if entity.log else (*SYSTEM_COLUMNS, *HISTORY_COLUMNS)
    return [field.name for field in entity.all_fields] + [column.name for column in system]


def verbs_of(name: str) -> list[str]:
    """The verbs of an entity's life cycle and those that every record has."""
    own = [transition.verb for transition in LIFECYCLES[name].transitions] if name in LIFECYCLES else []
    return [*own, *COMMON_VERBS]


def labels(lang: Language) -> Iterator[tuple[str, str]]:
    """Every label that the declarations ask for, with what it labels."""
    for name, entity in ENTITIES.items():
        yield f"entity.{name}.one", entity_label(name, lang)
        yield f"entity.{name}.many", entity_label(name, lang, many=True)
        for column in columns_of(entity):
            yield f"field.{name}.{column}", field_label(name, column, lang)
        for field in entity.all_fields:
            for word in field.choices:
                yield f"choice.{name}.{field.name}.{word}", choice_label(name, field.name, word, lang)
    for name in RECORDS:
        for verb in verbs_of(name):
            yield f"verb.{name}.{verb}", verb_label(name, verb, lang)
    for unit in UNITS:
        yield f"unit.{unit}", translate(f"unit.{unit}", lang)
    for part, words in NAMED.items():
        for word in words:
            yield f"{part}.{word}", translate(f"{part}.{word}", lang)


def flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """The dotted keys of a TOML table and their texts."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


PARTS = ("entity", "field", "choice", "unit", "verb", "role", "action", "reach", "group", "visibility")


def written(lang: Language) -> dict[str, str]:
    """The texts that belong to the declarations, in whichever file they stand."""
    texts: dict[str, str] = {}
    for file in (LOCALES / lang).glob("*.toml"):
        texts.update(flat(tomllib.loads(file.read_text(encoding="utf-8"))))
    return {key: text for key, text in texts.items() if key.split(".")[0] in PARTS}


with warnings.catch_warnings():
    warnings.simplefilter("ignore", MissingText)  # a missing text is named by the first test below
    LABELS = {lang: dict(labels(lang)) for lang in LANGUAGES}
WRITTEN = {lang: written(lang) for lang in LANGUAGES}


def repeated(pairs: list[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """The labels given to several names, with those names."""
    counts = Counter(label for _, label in pairs)
    return [(label, [name for name, other in pairs if other == label]) for label, n in counts.items() if n > 1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_declared_word_has_a_label(lang: Language) -> None:
    texts = WRITTEN[lang]
    missing = [key for key in LABELS[lang] if key not in texts and shared(key) not in texts]
    assert missing == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_label_is_its_own_key(lang: Language) -> None:
    raw = [key for key, label in LABELS[lang].items() if not label.strip() or label in (key, shared(key))]
    assert raw == []


def shared(key: str) -> str:
    """The common key that stands in for an entity's own."""
    part, _, rest = key.split(".", 2) if key.count(".") > 1 else (key, "", key)
    return f"{part}.common.{rest}"


def test_chinese_labels_are_chinese() -> None:
    foreign = {key: label for key, label in LABELS["zh"].items() if not CHINESE.search(label)}
    assert {key: label for key, label in foreign.items() if label not in WITHOUT_CHINESE} == {}


def test_english_labels_are_english() -> None:
    assert {key: label for key, label in LABELS["en"].items() if CHINESE.search(label)} == {}


def test_english_labels_are_in_sentence_case() -> None:
    allowed = {"English", "Chinese", "WeChat", "Excel", "URL"}
    wrong = {
        key: label
        for key, label in LABELS["en"].items()
        if not key.startswith("unit.") and not in_sentence_case(label, allowed)
    }
    assert wrong == {}


def in_sentence_case(label: str, allowed: set[str]) -> bool:
    """Whether only the first word, names and abbreviations have capitals."""
    first, *rest = label.split()
    return first[0].isupper() and all(word.islower() or word.isupper() or word in allowed for word in rest)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ENTITIES)
def test_no_two_columns_of_an_entity_share_a_label(name: str, lang: Language) -> None:
    assert repeated([(column, field_label(name, column, lang)) for column in columns_of(ENTITIES[name])]) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_two_words_of_a_choice_share_a_label(lang: Language) -> None:
    for name, entity in ENTITIES.items():
        for field in entity.all_fields:
            words = [(word, choice_label(name, field.name, word, lang)) for word in field.choices]
            assert repeated(words) == [], f"{name}.{field.name}"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", RECORDS)
def test_no_two_verbs_of_an_entity_share_a_button(name: str, lang: Language) -> None:
    assert repeated([(verb, verb_label(name, verb, lang)) for verb in verbs_of(name)]) == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("many", [False, True])
def test_no_two_entities_share_a_name(lang: Language, *, many: bool) -> None:
    assert repeated([(name, entity_label(name, lang, many=many)) for name in ENTITIES]) == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("part", NAMED)
def test_no_two_words_of_the_access_table_share_a_label(part: str, lang: Language) -> None:
    assert repeated([(word, LABELS[lang][f"{part}.{word}"]) for word in NAMED[part]]) == []


def test_both_languages_have_the_same_keys() -> None:
    assert WRITTEN["zh"].keys() == WRITTEN["en"].keys()


def test_both_languages_name_the_same_values() -> None:
    pattern = re.compile(r"{(\w+)}")
    for key, text in WRITTEN["zh"].items():
        assert pattern.findall(text) == pattern.findall(WRITTEN["en"][key]), key


def test_no_label_is_there_for_nothing() -> None:
    used = set(LABELS["zh"])
    used |= {shared(key) for key in used if key not in WRITTEN["zh"]}
    used |= {f"verb.common.{verb}" for verb in (*POOL_VERBS, UNDO, LOG)}
    assert sorted(WRITTEN["zh"].keys() - used) == []


def test_no_entity_repeats_the_shared_label_of_a_field() -> None:
    for lang in LANGUAGES:
        texts = WRITTEN[lang]
        other: Language = "en" if lang == "zh" else "zh"
        same = [
            key
            for key, text in texts.items()
            if key.startswith("field.") and ".common." not in key and texts.get(shared(key)) == text
            if WRITTEN[other].get(shared(key)) == WRITTEN[other][key]
        ]
        assert same == []


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", ["商机", "负责人", "赢单", "新建商机"]), ("en", ["Deal", "Owner", "Won", "Create deal"])],
)
def test_labels_of_a_deal_read_as_the_department_speaks(lang: Language, words: list[str]) -> None:
    assert words == [
        entity_label("deal", lang),
        field_label("deal", "owner_id", lang),
        choice_label("deal", "stage_type", "won", lang),
        verb_label("deal", "create", lang),
    ]


VOCABULARY = {
    "lead": "线索",
    "customer": "客户",
    "contact": "联系人",
    "deal": "商机",
    "contract": "合同",
    "order": "订单",
    "shipment": "发货",
    "payment": "回款",
    "interaction": "互动记录",
    "task": "任务",
    "target": "销售目标",
    "appraisal": "绩效考核",
    "ticket": "服务工单",
    "rating": "满意度",
    "team": "团队",
    "person": "人员",
    "product": "产品",
}


@pytest.mark.parametrize(("name", "word"), VOCABULARY.items())
def test_an_entity_is_called_what_the_department_calls_it(name: str, word: str) -> None:
    assert entity_label(name, "zh") == word
