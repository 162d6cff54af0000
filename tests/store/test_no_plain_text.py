"""File, log and temporary files hold no plain text: they are searched byte by byte for what was written."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dashboard.domain.access import operator
from dashboard.store import Store, audit, snapshots
from dashboard.store.engine_duckdb import CONFIG, extension_file
from tests.builders import today
from tests.department import Desk, new_store

SECRETS = {
    "name": "Zyxwvut Hydraulics",
    "phone": "13987651234",
    "address": "永丰路四十七号",
    "why": "because Wolfgang said so",
    "number": f"K-{today().year}-0000",
}
SPILL = (
    "CREATE TEMP TABLE spilled AS SELECT 'Zyxwvut Hydraulics ' || i || md5(i::VARCHAR) || md5((i * 7)::VARCHAR) "
    "FROM range(1500000) r(i)"
)
TIGHT = {"memory_limit": "60MB", "threads": "1"}


def found(folder: Path) -> set[str]:
    """Which secrets stand anywhere in the files of a folder, in the usual encodings."""
    bytes_ = b"\x00".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return {
        name
        for name, text in SECRETS.items()
        if any(text.encode(encoding) in bytes_ for encoding in ("utf-8", "utf-16-le", "gb18030"))
    }


def write_secrets(desk: Desk) -> None:
    """Put them wherever a store keeps text: clear, personal and custom fields, histories, the audit trail."""
    values = {name: SECRETS[name] for name in ("name", "phone", "address")}
    record = desk.make("customer", **values, custom=f'{{"a": "{SECRETS["address"]}"}}')
    desk.do("operator", "customer", "update", record, name=SECRETS["name"] + " 2", why=SECRETS["why"])
    desk.make("deal", name=SECRETS["name"], amount=Decimal("4711.4711"))


def test_neither_the_log_nor_the_file_holds_plain_text(desk: Desk, tmp_path: Path) -> None:
    write_secrets(desk)
    log = tmp_path / "store.duckdb.wal"
    assert log.stat().st_size > 0, "nothing was written to the log yet, so this would prove nothing"
    assert found(tmp_path) == set()
    desk.store.engine.checkpoint()
    assert not log.exists() or log.stat().st_size == 0
    assert found(tmp_path) == set()


def test_the_files_beside_the_store_hold_no_plain_text(desk: Desk, tmp_path: Path) -> None:
    write_secrets(desk)
    key = desk.store.ring.current("mart").secret
    frame = desk.store.find(operator(), "customer")
    snapshots.save(tmp_path / "marts", key, {"customer": frame}, desk.store.revision)
    desk.store.note(operator(), [audit.Entry("log_in", "person", None, 1, SECRETS["why"])])
    assert len(list((tmp_path / "marts").rglob("*"))) >= 2
    assert found(tmp_path) == set()
    assert snapshots.load(tmp_path / "marts", key) is not None


def test_the_search_finds_plain_text_where_it_is(tmp_path: Path) -> None:
    plain = duckdb.connect(str(tmp_path / "plain.duckdb"))
    plain.execute("CREATE TABLE t (text VARCHAR)")
    plain.executemany("INSERT INTO t VALUES (?)", [[text] for text in SECRETS.values()])
    assert found(tmp_path) == set(SECRETS)
    plain.close()


def spilled(store: Store, folder: Path) -> set[str]:
    """What stands in temporary files after a query that needs far more memory than it may have."""
    cursor = store.engine.cursor()
    cursor.execute(SPILL)
    size = sum(path.stat().st_size for path in (folder / "tmp").rglob("*") if path.is_file())
    assert size > 1_000_000, "nothing was spilled, so this would prove nothing"
    return found(folder)


def test_temporary_files_hold_no_plain_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in TIGHT.items():
        monkeypatch.setitem(CONFIG, name, value)
    store = new_store(tmp_path)
    assert spilled(store, tmp_path) == set()
    store.close()


def test_without_the_setting_temporary_files_are_plain(tmp_path: Path) -> None:
    """The control: the same query on an engine that was not told to encrypt what it spills."""
    root = duckdb.connect(":memory:", config={**CONFIG, **TIGHT, "temp_directory": str(tmp_path / "tmp")})
    root.execute(f"LOAD '{extension_file()}'")
    root.execute(SPILL)
    assert found(tmp_path) == {"name"}
    root.close()


@pytest.mark.parametrize("name", ["store.duckdb", "store.duckdb.wal"])
def test_nothing_opens_without_the_key(desk: Desk, tmp_path: Path, name: str) -> None:
    write_secrets(desk)
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(tmp_path / name, copy / "store.duckdb")
    with pytest.raises(duckdb.Error):
        duckdb.connect(str(copy / "store.duckdb"))
