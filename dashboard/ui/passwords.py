"""Whether a name and a password belong together, asked of streamlit-authenticator without its cookie and its form.

Its cookie is written by a script and would log in whoever holds it, so the part that writes it is replaced before use
and the key that could read one lives as long as this process. Its form keeps password managers out and speaks English
hints, so the login page draws its own.
"""

from __future__ import annotations

import secrets
from functools import cache
from types import SimpleNamespace
from typing import Any

import bcrypt

from dashboard.actions.passwords import LEAST, MOST_BYTES, ROUNDS, hashed
from dashboard.domain.access import Actor
from dashboard.errors import Forbidden, Refused
from dashboard.store import Store

COOKIE_KEY = secrets.token_hex(32)  # never leaves this process


class NoCookies:
    """Stands where the library would talk to the browser's cookies."""

    def get(self, _name: str) -> None:
        """There is never one."""

    def set(self, *_values: object, **_more: object) -> None:
        """Nothing is kept."""

    def delete(self, *_values: object) -> None:
        """Nothing to remove."""


@cache
def library() -> Any:
    """streamlit-authenticator with its cookie taken out; imported late, because it is slow and asks for Streamlit."""
    import streamlit_authenticator
    from streamlit_authenticator.models import cookie_model

    cookie_model.stx = SimpleNamespace(CookieManager=NoCookies)
    return streamlit_authenticator


@cache
def nobodys_hash() -> str:
    """The hash of a password that nobody knows, compared for names that do not exist: both take the same time."""
    return bcrypt.hashpw(secrets.token_bytes(32), bcrypt.gensalt(ROUNDS)).decode()


def person_with(store: Store, username: str, password: str) -> str | None:
    """The id of the active person with this name and password; None for everybody else, after the same time."""
    name = username.strip().lower()
    found = store.logins.credentials(name)
    known = {"name": "", "password": found[2] if found else nobodys_hash()}
    authenticator = library().Authenticate(
        {"usernames": {name: known}}, "unused", COOKIE_KEY, 0, auto_hash=False, login_sleep_time=0
    )
    checks = authenticator.authentication_controller.authentication_model
    fits = len(password.encode()) <= MOST_BYTES and "\0" not in password
    accepted = name != "" and checks.login(name, password if fits else "")
    return found[0] if accepted and found and fits else None


def limits() -> tuple[int, int]:
    """The least characters and the most bytes of a password."""
    return LEAST, MOST_BYTES


def prove(store: Store, person: Actor, given: str, address: str, *, code_too: bool = False) -> None:
    """Let go on who knows the own password, or with `code_too` holds the app; a wrong one counts like a failed login.

    Raises Forbidden (access.too_many_tries), Refused (password.current).
    """
    name = store.logins.username_of(person.person_id) or ""
    if minutes := store.logins.tries.begin(name, address):
        raise Forbidden("access.too_many_tries", minutes=minutes)
    by_code = code_too and store.logins.codes.accepts(person.person_id, given)
    if not by_code and person_with(store, name, given) != person.person_id:
        store.logins.tries.failed(name, address)
        raise Refused("password.current")
    store.logins.tries.succeeded(name, address)


def change(store: Store, person: Actor, current: str, fresh: str, address: str) -> None:
    """Give oneself a new password; every session ends.

    Raises what `prove` raises, Refused (password.same and what `hashed` refuses).
    """
    prove(store, person, current, address)
    name = store.logins.username_of(person.person_id) or ""
    if fresh == current:
        raise Refused("password.same")
    store.logins.set_password(person, person.person_id, hashed(fresh, name, person.name))
