"""Opening and founding: keys, store and desk from the settings; the first administrator; the demo department."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from dashboard.actions import open_desk_store, passwords, submit
from dashboard.domain.access import Role, operator
from dashboard.domain.calendars import seed_days
from dashboard.domain.changes import Change
from dashboard.domain.ids import new_id, new_ids
from dashboard.domain.seeds import seed_frames, template_frames, templates, with_ids
from dashboard.errors import Misconfigured, Refused
from dashboard.jobs import Desk
from dashboard.settings import Settings
from dashboard.store import Company, KeyRing, Store, create_ring, open_ring, rotation
from dashboard.store.crypto import write_secret
from etl import demo

DEMO_PASSWORD = "sales-demo-2026"  # noqa: S105  (shown on the login page of a demo store, refused in production)
DEMO_LOGINS: dict[str, str] = demo.DEMO_LOGINS
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")
COUNTRY_OF_ZONE = {"Asia/Shanghai": "CN", "Asia/Chongqing": "CN", "Asia/Urumqi": "CN"}
"""Where the public holidays are known from the time zone; elsewhere Monday to Friday until somebody enters them."""


@dataclass(frozen=True)
class Founded:
    """What a person must write down when a store is founded; shown once."""

    recovery_key: str
    username: str
    password: str


def open_desk(settings: Settings) -> Desk:
    """The desk over the store of these settings, its background work not yet begun.

    Raises Misconfigured: store.absent, store.locked, keys.*, migration.*, store.behind, store.demo_in_production.
    """
    store = open_existing(settings)
    if store.company.demo and settings.production:
        store.close()
        raise Misconfigured("store.demo_in_production", path=str(settings.store_file))
    return Desk(store, settings.marts_dir)


def open_existing(settings: Settings) -> Store:
    """The store of these settings. Raises Misconfigured (store.absent) when there is none."""
    if not settings.store_file.exists() or not settings.keyring_file.exists():
        raise Misconfigured("store.absent", path=str(settings.store_file))
    store = open_desk_store(settings.store_file, open_keys(settings), [settings.backups_dir, settings.temporary_dir])
    store.files.folder = settings.files_dir
    with store.reading() as cursor:
        store.files.tidy(cursor)
    return store


def open_keys(settings: Settings) -> KeyRing:
    """The key ring of these settings. Raises Misconfigured (keys.*)."""
    secret = settings.master_secret()
    if secret is None:
        raise Misconfigured("keys.no_master", path=str(settings.master_key_path))
    return open_ring(settings.keyring_file, secret)


def master_secret(settings: Settings) -> bytes:
    """The master key, made and kept with mode 0600 on the first run outside production."""
    secret = settings.master_secret()
    if secret is None:
        secret = secrets.token_urlsafe(48).encode()
        write_secret(settings.master_key_path, secret)
    return secret


def found(
    settings: Settings, admin: str, currency: str | None = None, *, demo_store: bool = False
) -> tuple[Store, Founded]:
    """A new, empty store with its keys, reference data and first administrator.

    Raises Refused (store.exists) when there is one already, person.username when the name does not fit.
    """
    if settings.store_file.exists() or settings.keyring_file.exists():
        raise Refused("store.exists", path=str(settings.store_file))
    if not USERNAME.fullmatch(admin):
        raise Refused("person.username", name=admin)
    ring, recovery_key = create_ring(settings.keyring_file, master_secret(settings))
    store = open_desk_store(settings.store_file, ring, [settings.backups_dir, settings.temporary_dir])
    store.found_company(
        Company(currency or settings.currency, settings.timezone, settings.fiscal_year_start_month, demo_store)
    )
    plant(store, whole=not demo_store)  # the demo department brings a calendar and templates of its own
    password = secrets.token_urlsafe(15)
    if not demo_store:
        add_person(store, admin, admin, (Role.ADMIN,), password, must_change=True)
    return store, Founded(recovery_key, admin, password)


def plant(store: Store, *, whole: bool) -> None:
    """The reference data that a new store starts with."""
    changes = [
        Change(entity, "create", with_ids(frame, new_ids(frame.height))) for entity, frame in seed_frames().items()
    ]
    country = COUNTRY_OF_ZONE.get(store.company.zone)
    if whole:
        changes += [Change(entity, "create", frame) for entity, frame in template_frames(templates()).items()]
    if whole and country:
        changes.append(Change("calendar_day", "create", calendar(country, store.company.today().year)))
    submit(store, operator(), changes, why="machine.new_store")


def calendar(country: str, year: int) -> pl.DataFrame:
    """The public holidays and make-up working days of last year, this year and the next."""
    days = [day for each in (year - 1, year, year + 1) for day in seed_days(country, each)]
    columns = ("day", "working", "label", "provisional")
    rows = pl.DataFrame({name: [getattr(day, name) for day in days] for name in columns})
    return rows.with_columns(new_ids(rows.height))


def add_person(
    store: Store, username: str, name: str, roles: tuple[Role, ...], password: str, *, must_change: bool = False
) -> str:
    """A person who may log in; returns the id. Raises what the write path raises, and what `passwords.hashed` does."""
    password_hash, person_id = passwords.hashed(password, username, name), new_id()
    rows = pl.DataFrame(
        {"id": [person_id], "name": [name], "username": [username], "roles": [[str(role) for role in roles]]}
    )
    submit(store, operator(), [Change("person", "create", rows)])
    store.logins.set_password(operator(), person_id, password_hash, must_change=must_change)
    return person_id


def found_demo(
    settings: Settings, deals: int, seed: int, progress: Callable[[int], None] = lambda _rows: None
) -> tuple[Store, Founded]:
    """A new store with a made-up department in it and one login per role. Refused in production.

    progress: called with the number of rows after each change-set.
    """
    if settings.production:
        raise Refused("demo.production")
    store, founded = found(settings, "admin", demo_store=True)
    known = {entity: store.reference(entity) for entity in ("stage", "list_value", "region", "industry")}
    for batch in demo.generate(deals, seed, store.company.today(), store.company.zone, known):
        applied = submit(store, operator(), batch, why="machine.demo")
        progress(sum(applied.counts.values()))
    password_hash = passwords.hashed(DEMO_PASSWORD)
    people = store.reference("person")
    for username in DEMO_LOGINS.values():
        person = people.filter(pl.col("username") == username)["id"][0]
        store.logins.set_password(operator(), person, password_hash)
    return store, founded


def rotate_keys(settings: Settings) -> int:
    """Put new field and master keys in use; returns how many data keys were wrapped anew. May be repeated after a stop.

    A master key from the environment stays: whoever set it sets the new one.
    """
    store = open_existing(settings)
    try:
        secret = master_secret(settings)
        rewrapped = rotation.rotate_field_key(store, secret)
        if settings.master_key is None:
            rotation.rotate_master(store.ring, settings.master_key_path, secrets.token_urlsafe(48).encode())
        return rewrapped
    finally:
        store.close()
