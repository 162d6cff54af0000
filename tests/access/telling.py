"""What a text tells of the records of a random organisation, held against what its reader may know.

Every text of a record there names its field and itself: "name of deal-3", "deal-3@example.com". A text that stands
anywhere therefore shows which field of which record it is from. A cut or masked one tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from dashboard.domain.entities import RECORDS
from dashboard.domain.fields import Kind
from tests.access.oracle import Onlooker, Record

TEXT = re.compile(r"\b([a-z_]+) of ([a-z_]+)-(\d+)\b")
MAIL = re.compile(r"\b([a-z_]+)-(\d+)@example\.com\b")


class Told(NamedTuple):
    """One field of one record."""

    entity: str
    record: str
    field: str


def told(text: str) -> set[Told]:
    """Every field of a record that a text tells."""
    bare = text.replace("\\n", " ").replace("\\", "")  # the escapes of JSON and Markdown
    texts = {Told(entity, f"{entity}-{number}", named(entity, field)) for field, entity, number in TEXT.findall(bare)}
    mails = {Told(entity, f"{entity}-{number}", mail_of(entity)) for entity, number in MAIL.findall(bare)}
    return {one for one in texts | mails if one.entity in RECORDS}


def named(entity: str, word: str) -> str:
    """The field that a word names: in the bytes of a table it stands right behind the value before it."""
    fields = RECORDS[entity].by_name if entity in RECORDS else {}
    return word if word in fields else max((name for name in fields if word.endswith(name)), key=len, default=word)


def mail_of(entity: str) -> str:
    """The field of an entity that holds a mail address."""
    return next(field.name for field in RECORDS[entity].all_fields if field.kind is Kind.EMAIL)


class Reader:
    """What one person may know."""

    def __init__(self, onlooker: Onlooker) -> None:
        self.onlooker = onlooker

    def may_know(self, one: Told) -> bool:
        """Whether a field may be read in clear; and what people are called who stand on records that may be read."""
        row = self.onlooker.by_id.get((one.entity, one.record))
        if row is None:
            return True  # no such record: a code of a currency in front of an amount
        if one.entity == "person" and one.field == "name" and one.record in self.people:
            return True
        if not self.onlooker.may(one.entity, row, "read"):
            return False
        declared = RECORDS[one.entity].by_name.get(one.field)
        return declared is not None and self.onlooker.sees(one.entity, row, declared) == "clear"

    def leaks(self, text: str) -> set[Told]:
        """What a text tells that the person may not know."""
        return {one for one in told(text) if not self.may_know(one)}

    @cached_property
    def people(self) -> set[str]:
        """Oneself, and everybody who stands on a record that may be read."""
        return {self.onlooker.person["id"], *self.standing()}

    def standing(self) -> Iterator[str]:
        """People to whom a clear field of a readable record points."""
        for name, entity in RECORDS.items():
            fields = [field for field in entity.all_fields if field.to == "person"]
            for row in self.readable(name):
                yield from (row[field.name] for field in fields if self.onlooker.sees(name, row, field) == "clear")

    def readable(self, entity: str) -> list[Record]:
        """The records of an entity that the person may read."""
        return [row for row in self.onlooker.records[entity] if self.onlooker.may(entity, row, "read")]
