"""Import in a real browser: a whole data set through the page and back, and a file that is none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dashboard.actions import open_desk_store, submit
from dashboard.actions.measure import measure
from dashboard.domain.access import operator
from dashboard.i18n import translate
from dashboard.jobs import Desk
from dashboard.settings import Settings
from dashboard.store import Company, create_ring, open_ring
from dashboard.store.crypto import write_secret
from etl.metrics import Question
from tests.department import MASTER, desk_of, founding
from tests.e2e.driving import inside, settled
from tests.selling import company_today, give_passwords
from tests.served import Served, serve

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::ResourceWarning")]

FOLDER = Path(os.environ.get("SALES_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
MAVEN = ("accounts.csv", "products.csv", "sales_teams.csv", "sales_pipeline.csv")
PATIENCE_MS = 120_000
UNITS = 10_000


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of a department that counts in dollars."""
    settings = Settings(home=tmp_path, _env_file=None)
    write_secret(settings.master_key_path, MASTER)
    store = open_desk_store(settings.store_file, create_ring(settings.keyring_file, MASTER)[0])
    store.found_company(Company("USD", "Asia/Shanghai", 1))
    submit(store, operator(), founding(), why="founded")
    give_passwords(store, desk_of(store).people)
    store.close()
    return tmp_path


@pytest.fixture
def own(browser: Browser, home: Path) -> Iterator[Served]:
    """The application over that department."""
    with serve(home) as found:
        yield found


def numbers(home: Path) -> tuple[int, int]:
    """How many living deals there are, and what is won, in dollars; read when no server is running."""
    settings = Settings(home=home, _env_file=None)
    store = open_desk_store(settings.store_file, open_ring(settings.keyring_file, MASTER))
    try:
        desk = Desk(store)
        desk.refresh("start")
        assert desk.marts is not None
        won = measure(store, desk.marts, operator(), Question("won_amount", today=company_today())).frame
        assert store.check() == []
        return store.count(operator(), "deal"), (won["value"][0] if won.height else 0) // UNITS
    finally:
        store.close()


def text(key: str, **values: object) -> str:
    """A text in Chinese."""
    return translate(key, "zh", **values)


def visit(context: BrowserContext, served: Served, name: str) -> Page:
    """The page Import as somebody."""
    page = inside(context, served, name, "imports")
    expect(page.get_by_role("heading", name=text("page.imports.title"), exact=True)).to_be_visible()
    return page


def choose(page: Page, files: list[Path]) -> None:
    """Give the page files and go on."""
    page.locator("input[type=file]").set_input_files(files)
    go_on = page.get_by_role("button", name=text("importing.next_map"))
    expect(go_on).to_be_enabled()
    go_on.click()


@pytest.mark.real_data
def test_a_whole_data_set_is_imported_by_its_preset_and_undone(
    browser: Browser, context: BrowserContext, home: Path
) -> None:
    files = [FOLDER / "maven_crm" / name for name in MAVEN]
    if not all(file.exists() for file in files):
        pytest.skip(f"no real data at {FOLDER / 'maven_crm'}")
    with serve(home) as own:
        page = visit(context, own, "admin")
        choose(page, files)
        expect(page.get_by_text(text("importing.preset.maven_crm"))).to_be_visible(timeout=PATIENCE_MS)
        page.get_by_role("button", name=text("importing.next_rehearse")).click()
        commit = page.locator("[class*='st-key-import_commit']").get_by_role("button")
        expect(commit).to_be_visible(timeout=PATIENCE_MS)
        page.get_by_text(text("importing.by_entity")).click()
        settled(page)
        commit.click()
        batch = page.locator("[class*='st-key-import_batch_I-']")
        expect(batch).to_be_visible(timeout=PATIENCE_MS)
        settled(page)
    assert numbers(home) == (8_800, 10_005_534)
    with serve(home) as own:
        page = visit(browser.new_context(locale="zh-CN"), own, "admin")
        batch = page.locator("[class*='st-key-import_batch_I-']")
        expect(batch).to_contain_text("sales_pipeline.csv")
        batch.get_by_role("button", name=text("importing.undo.open")).click()
        page.get_by_role("button", name=text("importing.undo.confirm")).click()
        undone = translate("choice.import_batch.status.undone", "zh")
        expect(batch.get_by_text(undone)).to_be_visible(timeout=PATIENCE_MS)
        page.context.close()
    assert numbers(home) == (0, 0)


def test_a_file_that_is_no_table_is_said_to_be_none(context: BrowserContext, own: Served, tmp_path: Path) -> None:
    file = tmp_path / "looks_like.csv"
    file.write_bytes(b"%PDF-1.7 not a table")
    page = visit(context, own, "rep")
    choose(page, [file])
    expect(page.get_by_text(text("error.file.kind", file="looks_like.csv"))).to_be_visible()
    assert page.locator("input[type=file]").count() == 1


def test_a_small_file_goes_through_with_the_report_and_streamlits_words_are_ours(
    context: BrowserContext, own: Served, tmp_path: Path
) -> None:
    file = tmp_path / "客户.csv"
    file.write_text("客户名称,网站\n甲公司,https://a.example.com\n乙公司,不是网址\n", encoding="gb18030")
    page = visit(context, own, "rep")
    drop = page.get_by_test_id("stFileUploaderDropzone")
    shown = "e => getComputedStyle(e, '::after').content"
    assert text("importing.files.pick") in drop.locator("button p").evaluate(shown)
    choose(page, [file])
    page.get_by_role("button", name=text("importing.next_rehearse")).click()
    expect(page.get_by_role("button", name=text("importing.commit", n=1))).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("button", name=text("importing.report", kind="CSV")).click()
    report = tmp_path / "report.csv"
    waiting.value.save_as(report)
    assert text("error.field.url") in report.read_text("utf-8-sig")
    page.get_by_role("button", name=text("importing.commit", n=1)).dblclick()
    batch = page.locator("[class*='st-key-import_batch_I-']")
    expect(batch).to_have_count(1)
    expect(batch).to_contain_text(text("importing.batches.count", outcome=text("import.outcome.create"), n=1))
    settled(page)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
