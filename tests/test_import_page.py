"""The page Import: files, map, rehearsal, commit and undo, for whom it is and within what each may bring in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from streamlit.runtime.scriptrunner_utils.exceptions import StopException
from streamlit.testing.v1 import AppTest

from dashboard.domain.access import operator
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Refused
from dashboard.i18n import LANGUAGES, Language, translate
from dashboard.sitemap import offered
from dashboard.ui.importing import batches, draft, plans, rehearsal
from etl.ingest import Source, preset, read
from tests.department import Desk
from tests.selling import ROLES, running, visiting
from tests.test_pages import said

FOR = ("rep", "manager", "admin")
CUSTOMERS = "name,website,phone\n{name} One,https://one.example.com,13800138001\n{name} Two,,13800138002\n"


@pytest.fixture(scope="module", autouse=True)
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The department, served."""
    with running(shared_desk):
        yield shared_desk


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread refreshes the numbers here, so nobody waits for it."""
    monkeypatch.setattr(rehearsal, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(batches, "FRESH_SECONDS", 0.0)


def texts(at: AppTest) -> str:
    """Everything on the page, without the marks of Markdown."""
    return " ".join(said(at)).replace("\\", "")


def uploaded(desk: Desk, who: str, content: str | bytes, name: str = "list.csv", language: Language = "zh") -> AppTest:
    """The page of somebody who chose a file and went on."""
    at = visiting(desk, who, "imports", language)
    data = content.encode() if isinstance(content, str) else content
    at.file_uploader[0].upload(name, data).run()
    return at.button(key="import_read").click().run()


def rehearsed(desk: Desk, who: str, content: str, name: str = "list.csv") -> AppTest:
    """The page of somebody who took the proposals as they are."""
    return uploaded(desk, who, content, name).button(key="import_rehearse").click().run()


def counts(at: AppTest) -> list[str]:
    """Created, updated, unchanged, duplicate, rejected."""
    return [metric.value for metric in at.metric]


def fields(at: AppTest) -> list[str]:
    """What was chosen for each column."""
    return [str(box.value) for box in at.selectbox if (box.key or "").startswith("import_field_")]


def customers(desk: Desk, name: str) -> int:
    """How many living customers are called like this."""
    return desk.store.count(operator(), "customer", [Condition("name", Operator.LIKE, name)])


def batch_of(desk: Desk, who: str) -> dict[str, object]:
    """The latest import of somebody."""
    where = [Condition("person_id", Operator.EQ, desk.people[who])]
    return desk.store.find(operator(), "import_batch", where).sort("created_at").row(-1, named=True)


def test_it_is_for_those_who_may_import(desk: Desk) -> None:
    assert [role for role in ROLES if "imports" in [entry.slug for entry in offered(desk.actor(role))]] == list(FOR)
    for role in set(ROLES) - {*FOR}:
        at = visiting(desk, role, "imports")
        assert [error.value for error in at.error] == [translate("error.access.forbidden", "zh")]
        assert not at.file_uploader


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", FOR)
def test_the_first_step_is_whole_and_in_one_language(desk: Desk, role: str, language: Language) -> None:
    at = visiting(desk, role, "imports", language)
    assert not at.error
    assert [title.value for title in at.title] == [translate("page.imports.title", language)]
    assert not re.search(r"\b(importing|import|choice|field|page)\.\w+", texts(at))
    limit = translate("importing.files.rows", language, n=1000)
    assert (limit in texts(at)) == (role == "rep")


@pytest.mark.parametrize("who", FOR)
def test_a_file_is_mapped_rehearsed_committed_and_undone(desk: Desk, who: str) -> None:
    at = uploaded(desk, who, CUSTOMERS.format(name=f"By {who}"))
    assert fields(at) == ["name", "website", "phone"]
    before = desk.store.revision
    at.button(key="import_rehearse").click().run()
    assert counts(at) == ["2", "0", "0", "0", "0"]
    assert desk.store.revision == before, "a rehearsal writes nothing"
    at.button(key="import_commit").click().run()
    assert not at.error
    assert customers(desk, f"By {who}") == 2
    batch = batch_of(desk, who)
    assert (batch["status"], batch["name"]) == ("committed", "list.csv")
    assert str(batch["number"]) in texts(at)
    assert at.file_uploader, "the next import can begin"
    at.button(key=f"import_undo_yes_{batch['number']}").click().run()
    assert not at.error
    assert customers(desk, f"By {who}") == 0
    assert batch_of(desk, who)["status"] == "undone"
    assert not [button for button in at.button if (button.key or "") == f"import_undo_yes_{batch['number']}"]


def test_each_column_says_how_sure_its_field_is(desk: Desk) -> None:
    at = uploaded(desk, "manager", "客户名称,网站,备注栏目,联系电话号\n甲公司,https://a.example.com,x,13800138000\n")
    shown = texts(at)
    assert "客户名称" in shown
    assert translate("importing.map.unknown", "zh") in shown
    assert re.search(r"匹配度 \d+\.\d%", shown)
    assert translate("importing.map.sample", "zh", text="甲公司") in shown


def test_a_field_can_be_chosen_by_hand_and_only_once(desk: Desk) -> None:
    at = uploaded(desk, "manager", "name,xyzzy\nBy hand,https://hand.example.com\n")
    assert fields(at) == ["name", ""]
    box = [box for box in at.selectbox if (box.key or "").startswith("import_field_")]
    box[1].select("name").run()
    at.button(key="import_rehearse").click().run()
    assert at.error[0].value.startswith(
        translate("error.mapping.twice", "zh", file="list.csv", columns=["name", "xyzzy"])
    )
    box = [box for box in at.selectbox if (box.key or "").startswith("import_field_")]
    box[1].select("website").run()
    assert translate("importing.map.yours", "zh") in texts(at)
    at.button(key="import_rehearse").click().run()
    at.button(key="import_commit").click().run()
    assert desk.one("customer", name="By hand")["website"] == "https://hand.example.com"


def test_what_new_records_need_and_no_column_gives_is_said(desk: Desk) -> None:
    at = uploaded(desk, "manager", "website,phone,employees,industry\nhttps://c.example.com,13800138000,5,\n")
    assert [warning.value for warning in at.warning]


def test_a_date_that_can_be_read_in_two_ways_is_asked_about(desk: Desk) -> None:
    at = rehearsed(desk, "manager", "company,created on\nTwo ways,03/04/2026\n", "leads.csv")
    assert not at.metric, "nothing is counted before the question is answered"
    box = at.selectbox(key="import_question_0")
    assert [option for option in box.options if "2026年4月3日" in option]
    asked = translate("importing.question.go_on", "zh")
    next(button for button in at.button if button.label == asked).click().run()
    assert at.error[0].value == translate("error.import.questions", "zh", columns=["created on"])
    at.selectbox(key="import_question_0").select("dmy")
    next(button for button in at.button if button.label == asked).click().run()
    assert counts(at)[0] == "1"
    at.button(key="import_commit").click().run()
    assert str(desk.one("lead", company="Two ways")["created_on"]) == "2026-04-03"


def test_rejected_rows_are_named_with_their_reason(desk: Desk) -> None:
    at = rehearsed(
        desk, "manager", "name,website,phone\nGood row,,\nBad row,not a page,\n,,\n,https://x.example.com,\n"
    )
    assert counts(at)[0] == "1"
    table = at.dataframe[0].value
    reasons = " ".join(str(cell) for cell in table[translate("import.line.reasons", "zh")])
    assert translate("error.field.url", "zh") in reasons
    assert translate("error.row.blank", "zh") in reasons


def test_what_an_update_changes_is_shown_before_and_after(desk: Desk) -> None:
    desk.make("customer", name="Known one", website="https://old.example.com", owner_id=desk.people["rep"])
    at = rehearsed(desk, "manager", "name,website,phone\nKnown one,https://new.example.com,\n")
    assert counts(at)[:2] == ["0", "1"]
    at.segmented_control(key="import_view_zh").set_value("changes").run()
    row = (
        at.dataframe[0].value.row(0) if hasattr(at.dataframe[0].value, "row") else tuple(at.dataframe[0].value.iloc[0])
    )
    assert row[-2:] == ("https://old.example.com", "https://new.example.com")


def test_a_rep_brings_new_records_only_and_a_thousand_rows_at_most(desk: Desk) -> None:
    desk.make("customer", name="Mine already", website="https://old.example.com", owner_id=desk.people["rep"])
    at = rehearsed(desk, "rep", "name,website,phone\nMine already,https://new.example.com,\n")
    assert counts(at) == ["0", "0", "0", "0", "1"]
    assert "import_commit" not in [button.key for button in at.button]
    long = "name,website,phone\n" + "".join(f"Row {at},,\n" for at in range(1001))
    at = rehearsed(desk, "rep", long)
    assert "1,001" in at.error[0].value
    assert counts(at) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7 nothing to see", "file.kind"),
        (b"\x89PNG\r\n\x1a\n", "file.kind"),
        (b"   \n", "file.empty"),
        (b"PK\x03\x04 not a workbook", "file.workbook"),
        (b"\x00\x01\x02\x03\x00\xff\xfe\x00binary" * 20, "file.binary"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_that_is_none_is_refused_in_words_and_nothing_is_kept(
    desk: Desk, content: bytes, code: str, language: Language
) -> None:
    before = desk.store.revision
    at = uploaded(desk, "manager", content, "table.csv", language)
    assert at.error[0].value == translate(f"error.{code}", language, file="table.csv")
    assert translate("error_page.code", language, code=code) in texts(at)
    assert at.file_uploader, "still at the first step"
    assert at.session_state[draft.SLOT].sources == ()
    assert desk.store.revision == before


def test_a_file_without_a_known_column_goes_no_further(desk: Desk) -> None:
    at = uploaded(desk, "manager", "zzz,qqq\n1,2\n")
    at.button(key="import_rehearse").click().run()
    assert at.error[0].value == translate("error.mapping.nothing", "zh")


def test_the_same_content_is_imported_again_only_when_somebody_says_so(desk: Desk) -> None:
    text = "name,website,phone\nTwice,https://twice.example.com,\n"
    rehearsed(desk, "manager", text).button(key="import_commit").click().run()
    desk.do(
        "manager",
        "customer",
        "update",
        str(desk.one("customer", name="Twice")["id"]),
        website="https://mine.example.com",
    )
    at = rehearsed(desk, "manager", text).button(key="import_commit").click().run()
    assert at.error
    assert desk.one("customer", name="Twice")["website"] == "https://mine.example.com"
    at.button(key="import_commit_again").click().run()
    assert desk.one("customer", name="Twice")["website"] == "https://twice.example.com"


def test_an_undo_names_what_changed_since_and_can_leave_it(desk: Desk) -> None:
    rehearsed(desk, "manager", CUSTOMERS.format(name="Left")).button(key="import_commit").click().run()
    desk.do("manager", "customer", "update", str(desk.one("customer", name="Left One")["id"]), employees=7)
    number = batch_of(desk, "manager")["number"]
    at = visiting(desk, "manager", "imports").button(key=f"import_undo_yes_{number}").click().run()
    assert "Left One" in at.error[0].value
    assert customers(desk, "Left") == 2
    at.button(key=f"import_undo_leave_{number}").click().run()
    assert customers(desk, "Left") == 1
    assert batch_of(desk, "manager")["status"] == "undone"


def test_each_sees_the_own_imports_and_the_administrator_all(desk: Desk) -> None:
    rehearsed(desk, "rep", CUSTOMERS.format(name="Reps")).button(key="import_commit").click().run()
    mine = str(batch_of(desk, "rep")["number"])
    assert mine in texts(visiting(desk, "rep", "imports"))
    assert mine in texts(visiting(desk, "admin", "imports"))
    for who in ("colleague", "manager"):
        at = visiting(desk, who, "imports")
        assert mine not in texts(at)
        assert f"import_undo_yes_{mine}" not in [button.key for button in at.button]


def test_a_long_rehearsal_is_shown_page_by_page(desk: Desk) -> None:
    at = rehearsed(desk, "manager", "name,website,phone\n" + "".join(f"Paged {row:03},,\n" for row in range(120)))
    at.segmented_control(key="import_view_zh").set_value("all").run()
    assert translate("common.rows_of", "zh", first=1, last=50, n=120) in texts(at)
    at.button(key="import_rows_all_later").click().run()
    assert translate("common.rows_of", "zh", first=51, last=100, n=120) in texts(at)
    assert len(at.dataframe[0].value) == 50


def test_one_can_go_back_and_nothing_of_the_files_stays_after_an_import(desk: Desk) -> None:
    at = rehearsed(desk, "manager", CUSTOMERS.format(name="Back"))
    at.button(key="import_back_2").click().run()
    assert fields(at) == ["name", "website", "phone"]
    at.button(key="import_back_1").click().run()
    assert at.file_uploader
    at = rehearsed(desk, "manager", CUSTOMERS.format(name="Back"))
    at.button(key="import_commit").click().run()
    kept = at.session_state[draft.SLOT]
    assert (kept.sources, kept.tables, kept.rehearsal) == ((), (), None)


# -- files and plans --------------------------------------------------------------------------------------------------


@dataclass
class Sent:
    """A file as a browser sends it."""

    name: str
    data: bytes = b"name\nA\n"
    claimed: int | None = None

    @property
    def size(self) -> int:
        """How long it is."""
        return len(self.data) if self.claimed is None else self.claimed

    def getvalue(self) -> bytes:
        """Its content."""
        return self.data


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\list.csv", "list.csv"),
        ("li\x00st\u202e.csv", "list.csv"),
        ("", "file"),
        ("..", ".."),
        ("客户.xlsx", "客户.xlsx"),
    ],
)
def test_a_files_name_brings_nothing_along(name: str, kept: str) -> None:
    assert draft.sources_of([Sent(name)])[0].name == kept


def test_a_long_name_keeps_its_ending_and_equal_names_are_told_apart() -> None:
    names = [source.name for source in draft.sources_of([Sent("a" * 500 + ".csv"), Sent("x.csv"), Sent("X.csv")])]
    assert len(names[0]) <= 120
    assert names[0].endswith(".csv")
    assert names[1:] == ["x.csv", "X (2).csv"]


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([], "file.none"),
        ([Sent("a.csv")] * 21, "file.too_many"),
        ([Sent("a.csv", claimed=26 * 1024**2)], "upload.too_large"),
        ([Sent(f"{at}.csv", claimed=24 * 1024**2) for at in range(5)], "upload.too_much"),
    ],
)
def test_too_many_and_too_large_files_are_refused(files: list[Sent], code: str) -> None:
    with pytest.raises(Refused) as caught:
        draft.sources_of(files)
    assert caught.value.code == code


def test_a_preset_is_recognised_by_its_files() -> None:
    heads = {
        "accounts.csv": "account,b",
        "products.csv": "product,b",
        "sales_teams.csv": "regional_office,manager,sales_agent",
        "sales_pipeline.csv": "opportunity_id,b",
    }
    sources = tuple(Source(name, f"{head}\n1,2,3\n".encode()) for name, head in heads.items())
    options = plans.contents(None)
    assert plans.guess(sources, read(sources), options) == "preset:maven_crm"
    assert not plans.fits(preset("maven_crm"), sources[:1], read(sources[:1]))
    others = tuple(Source(source.name, b"a,b\n1,2\n") for source in sources)
    assert plans.guess(others, read(others), options) != "preset:maven_crm", "files of the same names without its ids"


def test_a_file_is_recognised_by_its_columns() -> None:
    options = plans.contents(None)
    for header, entity in (
        ("客户名称,统一社会信用代码,网站", "customer"),
        ("company,person name,lead source,need", "lead"),
        ("任务标题,负责人,截止日期,优先级", "task"),
    ):
        sources = (Source("x.csv", f"{header}\n1,2,3\n".encode()),)
        assert plans.guess(sources, read(sources), options) == entity


def test_a_file_whose_name_looks_like_a_pattern_is_read_all_the_same(desk: Desk) -> None:
    at = rehearsed(desk, "manager", CUSTOMERS.format(name="Pattern"), "list[1]*.csv")
    assert counts(at)[0] == "2"


@dataclass
class Bar:
    """A bar whose page is closed after it was drawn so often."""

    left: int
    drawn: list[tuple[float, str]]

    def progress(self, share: float, text: str) -> None:
        if not self.left:
            raise StopException
        self.left -= 1
        self.drawn.append((round(share, 2), text))


def test_the_bar_counts_rows_and_a_closed_page_does_not_stop_the_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "DRAWN_EVERY_SECONDS", -1.0)
    bar = Bar(2, [])
    counting = rehearsal.Counting.__new__(rehearsal.Counting)
    counting.visit, counting.total, counting.done, counting.drawn_at, counting.held = English(), 4000, 0, 0.0, None
    counting.bar = bar
    for _ in range(4):
        counting(1000)
    assert bar.drawn == [(0.2, "Writing: 1,000 of 4,000 rows…"), (0.4, "Writing: 2,000 of 4,000 rows…")]
    with pytest.raises(StopException):
        counting.written()


class English:
    """Somebody who reads English."""

    language: Language = "en"

    def text(self, key: str, **values: object) -> str:
        return translate(key, "en", **values)
