"""Settings are read once, refused early, and all of them are in README; Streamlit's own are the ones it knows."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest
from pydantic import SecretStr
from streamlit import config as streamlit_config

from dashboard import i18n
from dashboard.errors import Misconfigured
from dashboard.settings import ROOT, Environment, LogFormat, LogLevel, Settings, load, variable

STRONG = "k" * 32
THEME_FILE = ROOT / ".streamlit" / "config.toml"
THEME = tomllib.loads(THEME_FILE.read_text(encoding="utf-8"))["theme"]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("SALES_"):
            monkeypatch.delenv(name)


def refusal(env_file: Path | None = None) -> Misconfigured:
    """The error that the present environment leads to."""
    with pytest.raises(Misconfigured) as caught:
        load(env_file)
    return caught.value


def test_nothing_needs_to_be_set() -> None:
    settings = load(None)
    assert settings.home == ROOT / "data" / "local"
    assert settings.env is Environment.DEVELOPMENT
    assert (settings.timezone, settings.currency, settings.fiscal_year_start_month) == ("Asia/Shanghai", "CNY", 1)
    assert (settings.log_level, settings.log_format) == (LogLevel.INFO, LogFormat.TEXT)
    assert settings.master_secret() is None or (settings.home / "master.key").exists()


def test_every_setting_is_in_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [variable(name) for name in Settings.model_fields if f"`{variable(name)}`" not in readme] == []


def test_readme_names_no_setting_that_does_not_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    known = {variable(name) for name in Settings.model_fields}
    assert {name for name in re.findall(r"\bSALES_[A-Z_]+\b", readme) if not name.startswith("SALES_TEST_")} <= known


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_what_it_is_and_gives_an_example(name: str) -> None:
    field = Settings.model_fields[name]
    assert field.description
    assert field.description.endswith(".")
    assert field.examples


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("SALES_CURRENCY=USD\nSALES_BACKUP_KEEP=3\nPATH_OF_SOMEONE_ELSE=1\n")
    monkeypatch.setenv("SALES_CURRENCY", "EUR")
    settings = load(file)
    assert (settings.currency, settings.backup_keep) == ("EUR", 3)


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_BACKUP_DIR", "")
    monkeypatch.setenv("SALES_CURRENCY", "")
    settings = load(None)
    assert (settings.backups_dir, settings.currency) == (settings.home / "backups", "CNY")


def test_a_slip_of_the_pen_in_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("SALES_BAKUP_DIR=/mnt/backup\n")
    error = refusal(file)
    assert (error.code, error.values["setting"]) == ("setting.unknown", ["SALES_BAKUP_DIR"])


def test_other_programs_may_have_names_like_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kubernetes gives every container SALES_SERVICE_HOST when a service is called sales."""
    monkeypatch.setenv("SALES_SERVICE_HOST", "10.0.0.1")
    load(None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SALES_ENV", "prod"),
        ("SALES_TIMEZONE", "Asia/Peking"),
        ("SALES_TIMEZONE", "../../etc/passwd"),
        ("SALES_CURRENCY", "RMB"),
        ("SALES_FISCAL_YEAR_START_MONTH", "0"),
        ("SALES_FISCAL_YEAR_START_MONTH", "13"),
        ("SALES_DATABASE_URL", "mysql://host/sales"),
        ("SALES_DATABASE_URL", "duckdb://"),
        ("SALES_SMTP_URL", "mail.example.com"),
        ("SALES_BACKUP_EVERY_HOURS", "0"),
        ("SALES_BACKUP_KEEP", "0"),
        ("SALES_LOG_LEVEL", "loud"),
        ("SALES_LOG_FORMAT", "xml"),
    ],
)
def test_a_bad_value_is_refused_by_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    error = refusal()
    assert (error.code, error.values["setting"]) == ("setting.invalid", name)
    assert name in error.text("zh")


def test_an_error_never_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_SMTP_URL", "ftp://me:hunter2@mail.example.com")
    error = refusal()
    assert "hunter2" not in f"{error} {error!r} {error.values} {error.__cause__}"
    assert "hunter2" not in repr(Settings(_env_file=None, smtp_url=SecretStr("smtp://me:hunter2@mail.example.com")))


def test_production_needs_a_master_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_ENV", "production")
    assert refusal().code == "setting.master_key_missing"


def test_production_refuses_a_short_master_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_ENV", "production")
    monkeypatch.setenv("SALES_MASTER_KEY", STRONG[1:])
    assert refusal().code == "setting.master_key_weak"
    monkeypatch.setenv("SALES_MASTER_KEY", STRONG)
    assert load(None).master_secret() == STRONG.encode()


def test_production_refuses_a_key_file_that_is_missing_or_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "master.key"
    monkeypatch.setenv("SALES_ENV", "production")
    monkeypatch.setenv("SALES_MASTER_KEY_FILE", str(file))
    assert refusal().code == "setting.master_key_unreadable"
    file.write_text("short\n")
    assert refusal().code == "setting.master_key_weak"
    file.write_text(f"{STRONG}\n")
    assert load(None).master_secret() == STRONG.encode()


def test_only_one_master_key_may_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_MASTER_KEY", STRONG)
    monkeypatch.setenv("SALES_MASTER_KEY_FILE", "/run/secrets/key")
    assert refusal().code == "setting.conflict"


def test_outside_production_the_key_file_may_still_be_made(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, home=tmp_path)
    assert settings.master_secret() is None
    assert settings.master_key_path == tmp_path / "master.key"
    settings.master_key_path.write_text(STRONG)
    assert settings.master_secret() == STRONG.encode()


def test_a_key_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, master_key_file=tmp_path)  # a folder
    with pytest.raises(Misconfigured) as caught:
        settings.master_secret()
    assert caught.value.values["path"] == tmp_path


def test_everything_of_one_installation_is_inside_its_home(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, home=tmp_path)
    paths = [value for name in dir(Settings) if name.endswith(("_file", "_dir", "_path"))
             if isinstance(value := getattr(settings, name), Path)]  # fmt: skip
    assert len(set(paths)) == len(paths) == 9
    assert all(path.parent == tmp_path for path in paths)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("duckdb:////srv/sales/store.duckdb", "/srv/sales/store.duckdb"),
        ("duckdb:///store.duckdb", str(Path.cwd() / "store.duckdb")),
    ],
)
def test_the_store_may_stand_elsewhere(url: str, path: str) -> None:
    assert str(Settings(_env_file=None, database_url=url).store_file) == path


def test_postgresql_is_refused_until_it_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_DATABASE_URL", "postgresql://me:hunter2@host/sales")
    error = refusal()
    assert error.code == "setting.postgresql_not_built"
    assert "hunter2" not in str(error)


def test_a_relative_home_does_not_move_with_the_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SALES_HOME", "here")
    assert load(None).home == tmp_path / "here"


# -- .streamlit/config.toml ------------------------------------------------------------------------------------------


def options(table: dict[str, object], prefix: str = "") -> dict[str, object]:
    """The options of a TOML table by dotted name."""
    return dict(i18n.flattened(table, prefix))


def test_streamlit_knows_every_option_we_set() -> None:
    ours = options(tomllib.loads(THEME_FILE.read_text(encoding="utf-8")))
    known = streamlit_config.get_config_options()
    assert [name for name in ours if name not in known] == []
    assert [name for name in ours if known[name].deprecated] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("client.showErrorDetails", "none"),
        ("client.toolbarMode", "viewer"),
        ("client.disableDataExport", True),
        ("server.enableXsrfProtection", True),
        ("server.enableCORS", True),
        ("server.enableAgentApi", False),
        ("server.enableStaticServing", False),
        ("server.fileWatcherType", "none"),
        ("server.maxUploadSize", 25),
        ("runner.postScriptGC", False),
        ("browser.gatherUsageStats", False),
        ("logger.level", "warning"),
    ],
)
def test_streamlit_is_served_safely(name: str, value: object) -> None:
    assert options(tomllib.loads(THEME_FILE.read_text(encoding="utf-8")))[name] == value


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_theme_is_complete(mode: str) -> None:
    assert THEME[mode].keys() == THEME["light"].keys()
    assert len(THEME[mode]["chartCategoricalColors"]) == 8
    assert len(set(THEME[mode]["chartSequentialColors"])) == 10
    assert len(set(THEME[mode]["chartDivergingColors"])) == 10


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_can_be_read_on_every_surface(mode: str) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1."""
    theme = THEME[mode]
    words = [name for name in theme if name.endswith("TextColor")] + ["textColor", "linkColor"]
    surfaces = ["backgroundColor", "secondaryBackgroundColor"]
    pairs = [(word, surface) for word in words for surface in surfaces]
    pairs += [(f"{hue}TextColor", f"{hue}BackgroundColor") for hue in HUES]
    weak = {pair: contrast(theme[pair[0]], theme[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


HUES = ("red", "orange", "yellow", "blue", "green", "violet", "gray")


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of a colour like #0B5CAD (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
