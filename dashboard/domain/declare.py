"""Short constructors, so that an entity declaration reads as a list of its fields."""

from __future__ import annotations

from typing import Any

from dashboard.domain.fields import Field, Kind, Sensitivity


def text(name: str, **more: Any) -> Field:
    """One line of text."""
    return Field(name=name, kind=Kind.TEXT, **more)


def note(name: str, **more: Any) -> Field:
    """Many lines of text."""
    return Field(name=name, kind=Kind.NOTE, **more)


def url(name: str, **more: Any) -> Field:
    """A web address."""
    return Field(name=name, kind=Kind.URL, **more)


def personal(name: str, kind: Kind = Kind.TEXT, **more: Any) -> Field:
    """A personal detail: encrypted in the store, masked for those who need not read it."""
    return Field(name=name, kind=kind, sensitivity=Sensitivity.ENCRYPTED, **more)


def masked(name: str, kind: Kind = Kind.TEXT, **more: Any) -> Field:
    """A personal detail kept clear in the encrypted file, masked on screens."""
    return Field(name=name, kind=kind, sensitivity=Sensitivity.MASKED, **more)


def integer(name: str, **more: Any) -> Field:
    """A whole number; its unit stands in the field's unit."""
    return Field(name=name, kind=Kind.INTEGER, **more)


def number(name: str, **more: Any) -> Field:
    """A decimal with six places; its unit stands in the field's unit."""
    return Field(name=name, kind=Kind.NUMBER, **more)


def money(name: str, **more: Any) -> Field:
    """An amount in the record's currency."""
    return Field(name=name, kind=Kind.MONEY, **{"low": 0, **more})


def base_money(name: str, **more: Any) -> Field:
    """An amount in the company's currency."""
    return Field(name=name, kind=Kind.MONEY, **{"low": 0, "unit": "base", **more})


def price(name: str, **more: Any) -> Field:
    """A price for one unit, in the record's currency."""
    return Field(name=name, kind=Kind.PRICE, **{"low": 0, **more})


def share(name: str, **more: Any) -> Field:
    """A part of a whole, 0 to 1."""
    return Field(name=name, kind=Kind.SHARE, low=0, high=1, **more)


def day(name: str, **more: Any) -> Field:
    """A business day in the company zone."""
    return Field(name=name, kind=Kind.DATE, **more)


def instant(name: str, **more: Any) -> Field:
    """A moment, naive UTC."""
    return Field(name=name, kind=Kind.INSTANT, **more)


def flag(name: str, **more: Any) -> Field:
    """Yes or no."""
    return Field(name=name, kind=Kind.FLAG, **{"default": False, **more})


def choice(name: str, *choices: str, **more: Any) -> Field:
    """One of a few fixed words; labels stand in data/locales as `choice.<entity>.<field>.<word>`."""
    return Field(name=name, kind=Kind.CHOICE, choices=choices, **more)


def tags(name: str, *choices: str, **more: Any) -> Field:
    """Several short texts, of fixed words when given."""
    return Field(name=name, kind=Kind.TAGS, choices=choices, **more)


def json(name: str, **more: Any) -> Field:
    """A structured value."""
    return Field(name=name, kind=Kind.JSON, **more)


def ref(name: str, to: str, **more: Any) -> Field:
    """A reference to one record of entity `to`."""
    return Field(name=name, kind=Kind.REFERENCE, to=to, **more)


def listed(name: str, of: str, **more: Any) -> Field:
    """One value of one of the lists that an administrator keeps."""
    return ref(name, "list_value", list=of, **more)


def follow_up() -> tuple[Field, Field]:
    """What to do next, and on which day."""
    return text("next_step"), day("next_step_on")


def currency(**more: Any) -> Field:
    """The ISO 4217 code that the record's amounts are in."""
    return text("currency", **{"max_length": 3, **more})


def exchange() -> tuple[Field, Field]:
    """What turns the record's amount into the company's currency: the rate in force, and the result."""
    return number("rate", by_verb=True, money=True), base_money("base_amount", by_verb=True)
