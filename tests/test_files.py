"""Files: judged by what is in them, encrypted at rest, read by whoever may read the record, each reading on record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dashboard.actions import files as actions
from dashboard.domain import files
from dashboard.domain.changes import Change
from dashboard.domain.ids import new_id
from dashboard.errors import Forbidden, Invalid, NotFound, Refused
from dashboard.i18n import translate
from dashboard.store.audit import head
from dashboard.store.trail import Search, entries
from tests.api.calling import Api, application
from tests.builders import frame_of
from tests.department import Desk
from tests.selling import running, visiting

PDF = b"%PDF-1.7\n1 0 obj << /Title (Zyxwvut secret) >> endobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x00" * 40
DOCX = b"PK\x03\x04" + b"\x00" * 26 + b"word/document.xml" + b"\x00" * 40


def code_of(name: str, content: bytes, kinds: tuple[str, ...] = tuple(files.ENDINGS)) -> str | None:
    """Why a file is not taken; None when it is."""
    try:
        files.judge(name, content, kinds)
    except Invalid as invalid:
        return invalid.problems[0].code
    return None


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", PDF, None),
        ("a.PNG", PNG, None),
        ("报价.docx", DOCX, None),
        ("notes.txt", "第一条 价款".encode("gb18030"), None),
        ("a.csv", b"a,b\n1,2\n", None),
        ("a.pdf", PNG, "attachment.mismatch"),
        ("a.png", PDF, "attachment.mismatch"),
        ("a.pdf", b"MZ\x90\x00" + b"\x00" * 60, "attachment.kind"),
        ("a.txt", b"<html><script>alert(1)</script>", "attachment.kind"),
        ("a.svg", b"<svg onload='x()'/>", "attachment.kind"),
        ("a.pdf", b"hello", "attachment.mismatch"),
        ("a.zip", b"PK\x03\x04" + b"\x00" * 60, "attachment.kind"),
        ("noending", PDF, "attachment.mismatch"),
        ("a.pdf", b"", "attachment.empty"),
    ],
)
def test_a_file_is_what_is_in_it(name: str, content: bytes, code: str | None) -> None:
    assert code_of(name, content) == code


def test_the_largest_file_is_taken_and_one_byte_more_is_not() -> None:
    assert code_of("a.txt", b"a" * files.MOST_BYTES) is None
    assert code_of("a.txt", b"a" * (files.MOST_BYTES + 1)) == "attachment.too_large"


def test_a_signed_paper_is_no_text() -> None:
    assert code_of("a.txt", b"signed, honestly", files.SIGNED) == "attachment.kind"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\secret\\合同.pdf", "合同.pdf"),
        ("...pdf", "pdf"),
        (".pdf", "pdf"),
        ("a\x00b\u202e.pdf", "ab.pdf"),
        ('x<"y>|.pdf', "x__y__.pdf"),
        ("n" * 300 + ".pdf", "n" * 116 + ".pdf"),
    ],
)
def test_a_name_is_no_path(given: str, kept: str) -> None:
    assert files.plain_name(given) == kept


def customer_of(desk: Desk, who: str = "rep") -> str:
    """A customer of somebody."""
    return desk.make("customer", owner_id=desk.people[who])


def attached(desk: Desk, customer: str, content: bytes = PDF, who: str = "rep") -> str:
    """A file of a customer."""
    return actions.attach(desk.store, desk.actor(who), "customer", customer, "a.pdf", content)


def on_disk(desk: Desk) -> list[Path]:
    """The kept files."""
    return [path for path in desk.store.files.folder.rglob("*") if path.is_file()]


def test_a_file_comes_back_as_it_was_and_lies_encrypted(desk: Desk) -> None:
    customer = customer_of(desk)
    made = attached(desk, customer)
    assert actions.open_file(desk.store, desk.actor("rep"), made) == ("a.pdf", files.PDF, PDF)
    row = desk.row("attachment", made)
    digest = hashlib.sha256(PDF).hexdigest()
    assert (row["sha256"], row["size_bytes"], row["customer_id"]) == (digest, len(PDF), customer)
    (kept,) = on_disk(desk)
    assert b"Zyxwvut" not in kept.read_bytes()
    assert digest not in kept.name
    assert kept.stat().st_mode & 0o777 == 0o600
    attached(desk, customer_of(desk))
    assert on_disk(desk) == [kept], "the same content is kept once"
    assert desk.store.check() == []


def test_each_reading_is_on_record(desk: Desk) -> None:
    made = attached(desk, customer_of(desk))
    actions.open_file(desk.store, desk.actor("leader"), made)
    with desk.store.reading() as cursor:
        found = entries(cursor, Search(entity="attachment", record_id=made, verb="download"))
    assert found["actor_id"].to_list() == [desk.people["leader"]]


def test_who_may_not_read_the_record_reads_no_file(desk: Desk) -> None:
    made = attached(desk, customer_of(desk))
    for who in ("stranger", "other_manager", "support"):
        with pytest.raises(NotFound):
            actions.open_file(desk.store, desk.actor(who), made)
    for who in ("manager", "head", "leader", "admin"):
        assert actions.open_file(desk.store, desk.actor(who), made).content == PDF
    through = desk.actor("rep").model_copy(update={"viewer": desk.people["admin"]})
    with pytest.raises(Forbidden):
        actions.open_file(desk.store, through, made)


def test_nobody_attaches_where_they_may_not(desk: Desk) -> None:
    customer = customer_of(desk)
    for who, problem in (("stranger", NotFound), ("support", Forbidden), ("leader", Forbidden)):
        with pytest.raises(problem):
            attached(desk, customer, who=who)
    assert on_disk(desk) == [], "a refusal leaves nothing behind"


def test_who_sends_a_row_says_nothing_about_what_is_in_a_file(desk: Desk) -> None:
    mine, theirs = customer_of(desk), customer_of(desk, "stranger")
    sha256 = desk.row("attachment", attached(desk, theirs, who="stranger"))["sha256"]
    row = {"id": new_id(), "entity": "customer", "record_id": mine, "customer_id": mine, "name": "a.pdf"}
    with pytest.raises(Invalid):
        desk.submit("rep", Change("attachment", "create", frame_of("attachment", {**row, "sha256": sha256})))
    desk.submit("rep", Change("attachment", "create", frame_of("attachment", {**row, "media_type": "text/html"})))
    assert desk.row("attachment", row["id"])["media_type"] is None
    with pytest.raises(NotFound):
        actions.open_file(desk.store, desk.actor("rep"), row["id"])


def test_the_same_upload_twice_is_one_file(desk: Desk) -> None:
    customer, token = customer_of(desk), new_id()
    for _ in range(2):
        actions.attach(desk.store, desk.actor("rep"), "customer", customer, "a.pdf", PDF, attachment_id=token)
    assert len(actions.files_of(desk.store, desk.actor("rep"), "customer", customer)) == 1


def test_a_missing_a_damaged_and_a_foreign_file_are_found(desk: Desk) -> None:
    made = attached(desk, customer_of(desk))
    other = attached(desk, customer_of(desk), PDF + b"more")
    first, second = (desk.store.files.path_of(desk.row("attachment", one)["sha256"]) for one in (made, other))
    first.unlink()
    second.write_bytes(second.read_bytes()[:-1] + b"x")
    for one, code in ((made, "attachment.missing"), (other, "attachment.damaged")):
        with pytest.raises(Refused) as refusal:
            actions.open_file(desk.store, desk.actor("rep"), one)
        assert refusal.value.code == code
    (first.parent / "nobody").write_bytes(b"x")
    assert [(one.check, one.rows) for one in desk.store.check()] == [("files", 2), ("files_without_row", 1)]
    with desk.store.reading() as cursor:
        assert desk.store.files.tidy(cursor) == 1
        assert head(cursor) == desk.store.head
    assert [one.check for one in desk.store.check()] == ["files"]


@pytest.fixture(scope="module")
def served(shared_desk: Desk) -> Iterator[Api]:
    """The interface."""
    with running(shared_desk), TestClient(application(), raise_server_exceptions=False) as client:
        yield Api(shared_desk, client)


def test_a_file_goes_over_rest(served: Api) -> None:
    desk, rep = served.desk, served("rep")
    customer = customer_of(desk)
    found = rep.call("POST", f"/customers/{customer}/files", files={"file": ("../合同.pdf", PDF, "text/html")})
    assert found.status_code == 201, found.text
    row = found.json()
    assert (row["name"], row["media_type"], row["customer_id"]) == ("合同.pdf", files.PDF, customer)
    content = rep.call("GET", f"/attachments/{row['id']}/content")
    assert (content.content, content.headers["content-type"]) == (PDF, files.PDF)
    assert content.headers["content-disposition"].startswith("attachment; ")
    assert content.headers["x-content-type-options"] == "nosniff"
    served("support").refused("GET", f"/attachments/{row['id']}/content", 404)
    served("stranger").refused("GET", f"/attachments/{row['id']}/content", 404)
    rep.refused("POST", f"/customers/{customer}/files", 422, files={"file": ("a.pdf", PNG)})
    rep.refused("POST", f"/customers/{customer}/files", 415, json={})
    served("stranger").refused("POST", f"/customers/{customer}/files", 404, files={"file": ("a.pdf", PDF)})
    once = {"Idempotency-Key": "once", "Content-Type": "multipart/form-data; boundary=here"}
    sent = [
        rep.call("POST", f"/customers/{customer}/files", once, files={"file": ("b.pdf", PDF)}).json() for _ in range(2)
    ]
    assert sent[0]["id"] == sent[1]["id"]


def test_the_page_lists_the_files_of_a_record(served: Api) -> None:
    desk = served.desk
    deal = desk.make("deal", owner_id=desk.people["rep"], name="With paper")
    made = actions.attach(desk.store, desk.actor("rep"), "deal", deal, "quote <b>.pdf", PDF)
    at = visiting(desk, "rep", "deals")
    at.query_params["id"] = deal
    at.run()
    assert not at.error
    assert not at.exception
    assert any("quote" in str(part.value) for part in at.markdown)
    desk.do("manager", "attachment", "archive", made)
    at.run()
    assert not any("quote" in str(part.value) for part in at.markdown)
    assert translate("files.title", "zh") in [part.value for part in at.subheader]
