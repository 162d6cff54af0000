"""Opening a store: with the right key, by one process only, and with a text that says what to do otherwise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.errors import Misconfigured
from dashboard.store import create_ring, open_ring, open_store
from tests.department import MASTER, Desk, new_store, open_copy

HOLDER = """
import sys
from pathlib import Path
from tests.department import MASTER, desk_of
from dashboard.actions import open_desk_store
from dashboard.store import open_ring
folder = Path(sys.argv[1])
store = open_desk_store(folder / "store.duckdb", open_ring(folder / "keys.json", MASTER))
print("open", flush=True)
sys.stdin.read()
"""


def refusal(path: Path, keys: Path) -> Misconfigured:
    """Why a store does not open."""
    with pytest.raises(Misconfigured) as refused:
        open_store(path, open_ring(keys, MASTER), {})
    return refused.value


def test_a_second_process_is_told_which_one_holds_the_store(template: Path, tmp_path: Path) -> None:
    open_copy(template, tmp_path).store.close()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert holder.stdin
    assert holder.stdout
    assert holder.stdout.readline() == b"open\n"
    refused = refusal(tmp_path / "store.duckdb", tmp_path / "keys.json")
    assert (refused.code, refused.values["process"]) == ("store.locked", str(holder.pid))
    holder.communicate()


def test_another_key_does_not_open_the_file(template: Path, tmp_path: Path) -> None:
    open_copy(template, tmp_path).store.close()
    create_ring(tmp_path / "other.json", MASTER)
    assert refusal(tmp_path / "store.duckdb", tmp_path / "other.json").code == "store.wrong_key"


@pytest.mark.parametrize("content", [b"", b"not a database" * 1000], ids=["empty", "noise"])
def test_what_is_no_store_is_called_unreadable(tmp_path: Path, content: bytes) -> None:
    """Also in a folder whose name speaks of keys and locks."""
    folder = tmp_path / "locked keys"
    create_ring(folder / "keys.json", MASTER)
    (folder / "store.duckdb").write_bytes(content)
    assert refusal(folder / "store.duckdb", folder / "keys.json").code == "store.unreadable"


def test_a_folder_with_a_quote_in_its_name_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "it's 销售"
    folder.mkdir()
    store = new_store(folder)
    assert store.company.currency == "CNY"
    store.close()


def test_the_company_is_decided_once(desk: Desk) -> None:
    with pytest.raises(Misconfigured) as refused:
        desk.store.found_company(desk.store.company._replace(currency="USD"))
    assert refused.value.code == "store.founded"
    assert desk.store.company.currency == "CNY"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "ATTACH '/tmp/other.duckdb' AS other",
        "COPY people TO '/tmp/people.csv'",
        "INSTALL postgres_scanner",
        "SET enable_external_access = true",
        "SET temp_file_encryption = false",
        "SELECT * FROM '/etc/hostname'",
    ],
)
def test_the_engine_reaches_nothing_outside_the_store(shared_desk: Desk, statement: str) -> None:
    with (
        shared_desk.store.reading() as cursor,
        pytest.raises(Exception, match=r"(?i)disabled|locked|permission|external|does not exist"),
    ):
        cursor.execute(statement)


def test_a_python_variable_is_no_table(shared_desk: Desk) -> None:
    people_outside = shared_desk.store.find(shared_desk.actor("operator"), "person")
    assert people_outside.height
    with shared_desk.store.reading() as cursor, pytest.raises(Exception, match="does not exist"):
        cursor.execute("SELECT * FROM people_outside")
