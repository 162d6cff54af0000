"""Personal details: a cipher opens in its own row and column only, and equal values are found by keyed hashes."""

from __future__ import annotations

import hashlib

import pytest

from dashboard.domain.access import operator
from dashboard.domain.entities import RECORDS
from dashboard.domain.fields import Kind
from dashboard.errors import Refused
from dashboard.store import crypto, soundness
from dashboard.store.engine_duckdb import rows
from dashboard.store.subjects import decrypt, encrypt
from tests.builders import now
from tests.department import Desk

ENCRYPTED = [(name, field.name) for name, entity in RECORDS.items() for field in entity.fields if field.encrypted]
PHONE, OTHER = "13912345678", "13987654321"


def cell(desk: Desk, table: str, column: str, record: str) -> bytes:
    """What stands in the file."""
    with desk.store.reading() as cursor:
        return bytes(rows(cursor, f"SELECT {column} FROM {table} WHERE id = '{record}'")[0][0])


def put(desk: Desk, table: str, column: str, record: str, value: bytes) -> None:
    """Write straight into the file, as somebody with the engine's key but not the data keys could."""
    with desk.store.engine.writing() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = $1 WHERE id = $2", [value, record])


def faults(desk: Desk) -> set[str]:
    """What the part of the check that looks at ciphers finds."""
    with desk.store.reading() as cursor:
        found = soundness.cipher_findings(cursor, desk.store.subjects, desk.store.index_key)
        return {finding.check for finding in found}


@pytest.mark.parametrize(("name", "field"), ENCRYPTED)
def test_every_personal_field_is_a_cipher_in_the_file_and_plain_for_its_owner(
    shared_desk: Desk, name: str, field: str
) -> None:
    values = {Kind.PHONE: PHONE, Kind.EMAIL: "a@example.com", Kind.TEXT: "plain text of theirs"}
    value = values[RECORDS[name].by_name[field].kind]
    record = shared_desk.make(name, **{field: value})
    sealed = cell(shared_desk, RECORDS[name].plural, field, record)
    assert sealed[:1] == crypto.FORMAT
    assert value.encode() not in sealed
    assert shared_desk.row(name, record)[field] == value


def test_equal_values_have_different_ciphers_and_equal_hashes(shared_desk: Desk) -> None:
    first, second = (shared_desk.make("customer", phone=PHONE) for _ in range(2))
    assert cell(shared_desk, "customers", "phone", first) != cell(shared_desk, "customers", "phone", second)
    with shared_desk.store.reading() as cursor:
        hashes = rows(
            cursor, f"SELECT DISTINCT phone_hash, phone_tail FROM customers WHERE id IN ('{first}', '{second}')"
        )
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("kind", "one", "same"),
    [
        (Kind.PHONE, "13912345678", "+86 139-1234-5678"),
        (Kind.PHONE, "01012345678", "010 1234 5678 转 22"),
        (Kind.PHONE, "13912345678", "１３９１２３４５６７８"),
        (Kind.EMAIL, "A.B@Example.com", " a.b@example.COM "),
        (Kind.TEXT, "6222 0212", "62220212"),
    ],
)
def test_spellings_of_the_same_value_have_one_hash(kind: Kind, one: str, same: str) -> None:
    assert crypto.keyed_hash(b"key", kind, one) == crypto.keyed_hash(b"key", kind, same)
    assert crypto.keyed_hash(b"key", kind, one) != crypto.keyed_hash(b"other key", kind, one)
    assert crypto.keyed_hash(b"key", kind, one) != crypto.keyed_hash(b"key", kind, one + "9")


def test_a_keyed_hash_is_no_digest_of_the_value_alone() -> None:
    digests = {
        hashlib.sha256(text.encode()).hexdigest()[:32] for text in (PHONE, f"phone|{PHONE}", f"tail|{PHONE[-4:]}")
    }
    assert not {crypto.keyed_hash(b"key", Kind.PHONE, PHONE), crypto.tail_hash(b"key", PHONE)} & digests


def test_the_last_four_digits_of_a_phone_have_a_hash_of_their_own() -> None:
    assert crypto.tail_hash(b"key", "13912345678") == crypto.tail_hash(b"key", "+1 (555) 000 5678")
    assert crypto.tail_hash(b"key", "13912345678") != crypto.tail_hash(b"key", "13912345679")


@pytest.mark.parametrize("table", ["customers", "customers_history"])
@pytest.mark.parametrize("move", ["to another record", "to another column", "changed by a bit", "cut off"])
def test_a_cipher_opens_in_its_place_only(desk: Desk, table: str, move: str) -> None:
    first = desk.make("customer", phone=PHONE, bank_account="6222021234")
    second = desk.make("customer", phone=OTHER, bank_account="6222029999")
    sealed = cell(desk, table, "phone", first)
    assert faults(desk) == set()
    moved = {
        "to another record": (second, "phone", sealed),
        "to another column": (first, "bank_account", sealed),
        "changed by a bit": (first, "phone", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        "cut off": (first, "phone", sealed[:13]),
    }
    record, column, value = moved[move]
    put(desk, table, column, record, value)
    assert f"cipher_{table}_{column}" in faults(desk)
    if table == "customers":
        assert desk.row("customer", record)[column] is None


def test_an_old_cipher_of_the_same_place_is_noticed(desk: Desk) -> None:
    """It opens, for it belongs there; but it is not what the history says."""
    record = desk.make("customer", phone=PHONE)
    old = cell(desk, "customers", "phone", record)
    desk.do("operator", "customer", "update", record, phone=OTHER)
    put(desk, "customers", "phone", record, old)
    assert {"history_customer_lost", "cipher_customers_phone"} <= {finding.check for finding in desk.store.check()}


def test_a_hash_that_is_not_its_ciphers_is_noticed(desk: Desk) -> None:
    record = desk.make("customer", phone=PHONE)
    with desk.store.engine.writing() as cursor:
        for table in ("customers", "customers_history"):
            cursor.execute(f"UPDATE {table} SET phone_hash = repeat('0', 32) WHERE id = '{record}'")
    assert faults(desk) == {"cipher_customers_phone", "cipher_customers_history_phone"}


def test_a_data_key_of_another_record_opens_nothing(desk: Desk) -> None:
    first, second = desk.make("customer", phone=PHONE), desk.make("customer", phone=PHONE)
    with desk.store.reading() as cursor:
        keys = desk.store.subjects.existing(cursor, [first, second])
    entity, field = RECORDS["customer"], RECORDS["customer"].by_name["phone"]
    sealed, _, _ = encrypt(keys[first], desk.store.index_key, entity, field, first, PHONE)
    assert decrypt(keys[first], entity, field, first, sealed) == PHONE
    assert decrypt(keys[second], entity, field, first, sealed) is None
    assert decrypt(keys[first], RECORDS["lead"], field, first, sealed) is None


def test_a_record_whose_key_was_destroyed_shows_nothing_anywhere(desk: Desk) -> None:
    record = desk.make("customer", phone=PHONE, name="Stays")
    with desk.store.engine.writing() as cursor:
        desk.store.subjects.erase(cursor, record, now())
    after = desk.store.get(operator(), "customer", record)
    assert (after["name"], after["phone"]) == ("Stays", None)
    assert faults(desk) == set()
    with pytest.raises(Refused) as refusal:
        desk.do("operator", "customer", "update", record, phone=OTHER)
    assert refusal.value.code == "subject.erased"
    desk.do("operator", "customer", "update", record, name="Renamed", phone=None)
