"""The settings: environment variables (and `.env`), each declared once with type, default and meaning."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict

from dashboard.errors import Misconfigured

ROOT = Path(__file__).parents[1]
PREFIX = "SALES_"
ENGINES = ("duckdb", "postgresql")
WEAKEST_KEY = 32  # characters of a master key that production accepts
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
MAIL = re.compile(r"[^\s@<>\",;]{1,64}@[A-Za-z0-9.-]{1,255}")
HOST = re.compile(r"\s*([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])\s*")


class Environment(StrEnum):
    """Where the application runs."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class LogLevel(StrEnum):
    """The least severe message that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How a log line looks: for people, or for a collector."""

    TEXT = "text"
    JSON = "json"


def known_zone(name: str) -> str:
    """An IANA time zone."""
    if name not in available_timezones():
        raise ValueError
    return name


def known_currency(code: str) -> str:
    """An ISO 4217 code."""
    if code not in list_currencies():
        raise ValueError
    return code


def known_engine(url: str) -> str:
    """The address of a store: `duckdb:///relative/file`, `duckdb:////absolute/file` or `postgresql://…`."""
    parts = urlsplit(url)
    if parts.scheme not in ENGINES or not parts.path.strip("/"):
        raise ValueError
    return url


def mail_url(url: SecretStr) -> SecretStr:
    """A mail server, with or without TLS."""
    parts = urlsplit(url.get_secret_value())
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError
    return url


def web_address(url: str) -> str:
    """The address of a server, without a path."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError
    return url.rstrip("/")


def mail_address(text: str) -> str:
    """One mail address, like sales@example.com."""
    if not MAIL.fullmatch(text):
        raise ValueError
    return text


def host_names(names: str) -> str:
    """Names or numbers of hosts, separated by commas; without scheme, port or path."""
    if any(not HOST.fullmatch(name) for name in names.split(",")):
        raise ValueError
    return names.lower()


def absolute(path: Path) -> Path:
    """A path that does not depend on the folder a command is run in."""
    return path.expanduser().absolute()


Place = Annotated[Path, AfterValidator(absolute)]


class Settings(BaseSettings):
    """Every setting. The environment variable is the upper-case name after `SALES_`; an empty one counts as unset."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",  # a .env is shared with other programs, a container gets names like SALES_SERVICE_HOST
        hide_input_in_errors=True,
    )

    home: Place = Field(
        default=ROOT / "data" / "local",
        description="Folder of the store, the keys, the files, the backups and the logs. Git-ignored, never shared.",
        examples=["/var/lib/salesdesk"],
    )
    database_url: Annotated[str, AfterValidator(known_engine)] | None = Field(
        default=None,
        description="The store. Unset: the encrypted DuckDB file in SALES_HOME.",
        examples=["duckdb:////var/lib/salesdesk/salesdesk.duckdb"],
    )
    env: Environment = Field(
        default=Environment.DEVELOPMENT,
        description="Where it runs. `production` refuses demo logins, weak keys and cookies over plain HTTP.",
        examples=list(Environment),
    )
    master_key: SecretStr | None = Field(
        default=None,
        description="The key that opens the key ring. Production needs this one or SALES_MASTER_KEY_FILE.",
        examples=["openssl rand -base64 48"],
    )
    master_key_file: Place | None = Field(
        default=None,
        description="File that holds the master key. Outside production it is made on the first run.",
        examples=["/run/secrets/sales_master_key"],
    )
    timezone: Annotated[str, AfterValidator(known_zone)] = Field(
        default="Asia/Shanghai",
        description="Time zone of the company's business days. Read by `init` only; then the store rules.",
        examples=["Asia/Shanghai", "Europe/Berlin"],
    )
    currency: Annotated[str, AfterValidator(known_currency)] = Field(
        default="CNY",
        description="Currency that all amounts are added up in (ISO 4217). Read by `init` only; then the store rules.",
        examples=["CNY", "USD"],
    )
    fiscal_year_start_month: int = Field(
        default=1,
        ge=1,
        le=12,
        description="Month in which the fiscal year begins. Read by `init` only; then the store rules.",
        examples=["1", "4", "12"],
    )
    allowed_hosts: Annotated[str, AfterValidator(host_names)] | None = Field(
        default=None,
        description="Names under which people reach it, separated by commas. Unset: only from the machine itself.",
        examples=["sales.example.com", "sales.example.com,192.168.1.20"],
    )
    public_url: Annotated[str, AfterValidator(web_address)] | None = Field(
        default=None,
        description="The address under which people reach it, for links in mails. Unset: mails have no links.",
        examples=["https://sales.example.com"],
    )
    mail_from: Annotated[str, AfterValidator(mail_address)] = Field(
        default="salesdesk@localhost",
        description="Whom mails come from.",
        examples=["sales@example.com"],
    )
    smtp_url: Annotated[SecretStr, AfterValidator(mail_url)] | None = Field(
        default=None,
        description="Mail server for reminders and reports. Unset: nothing is mailed.",
        examples=["smtps://user:password@mail.example.com:465"],
    )
    backup_dir: Place | None = Field(
        default=None,
        description="Folder for backups; keep it on another disk. Unset: `backups` in SALES_HOME.",
        examples=["/mnt/backup/salesdesk"],
    )
    backup_every_hours: int = Field(
        default=24,
        ge=1,
        le=24 * 7,
        description="Hours between two backups.",
        examples=["6", "24"],
    )
    backup_keep: int = Field(
        default=14,
        ge=1,
        le=1000,
        description="How many backups are kept; the oldest goes first.",
        examples=["14", "30"],
    )
    log_level: LogLevel = Field(
        default=LogLevel.INFO,
        description="The least severe message that is logged.",
        examples=list(LogLevel),
    )
    log_format: LogFormat = Field(
        default=LogFormat.TEXT,
        description="`text` for people, `json` for a log collector.",
        examples=list(LogFormat),
    )

    @model_validator(mode="after")
    def an_engine_that_is_built(self) -> Self:
        """PostgreSQL is refused until its engine exists."""
        if self.database_url and urlsplit(self.database_url).scheme == "postgresql":
            raise Misconfigured("setting.postgresql_not_built", setting="SALES_DATABASE_URL")
        return self

    @model_validator(mode="after")
    def one_strong_master_key(self) -> Self:
        """At most one source of the master key; in production exactly one, and a strong one."""
        if self.master_key and self.master_key_file:
            raise Misconfigured("setting.conflict", first="SALES_MASTER_KEY", second="SALES_MASTER_KEY_FILE")
        if self.production:
            if not (self.master_key or self.master_key_file):
                raise Misconfigured("setting.master_key_missing")
            if len(self.master_secret() or b"") < WEAKEST_KEY:
                raise Misconfigured("setting.master_key_weak", least=WEAKEST_KEY)
        return self

    @property
    def production(self) -> bool:
        """Whether real people's data is at stake."""
        return self.env is Environment.PRODUCTION

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that a request may be addressed to."""
        named = (self.allowed_hosts or "").split(",")
        return frozenset({*LOOPBACK, *(name.strip() for name in named if name.strip())})

    @property
    def store_file(self) -> Path:
        """The embedded store."""
        if self.database_url is None:
            return self.home / "salesdesk.duckdb"
        return absolute(Path(urlsplit(self.database_url).path.removeprefix("/")))

    @property
    def keyring_file(self) -> Path:
        """The wrapped keys of the store."""
        return self.home / "keyring.json"

    @property
    def master_key_path(self) -> Path:
        """Where the master key is kept when it is not in the environment."""
        return self.master_key_file or self.home / "master.key"

    @property
    def operator_token_file(self) -> Path:
        """The token with which a command on this machine speaks to the running server."""
        return self.home / "operator.token"

    @property
    def files_dir(self) -> Path:
        """The encrypted attachments."""
        return self.home / "files"

    @property
    def marts_dir(self) -> Path:
        """The snapshots of the marts."""
        return self.home / "marts"

    @property
    def temporary_dir(self) -> Path:
        """Work files that a restart may remove."""
        return self.home / "tmp"

    @property
    def logs_dir(self) -> Path:
        """The log files."""
        return self.home / "logs"

    @property
    def backups_dir(self) -> Path:
        """The backups."""
        return self.backup_dir or self.home / "backups"

    def master_secret(self) -> bytes | None:
        """The master key from the environment or its file; None when there is none yet and one may be made.

        Raises Misconfigured (setting.master_key_unreadable) for a file that is there but cannot be read, and in
        production also for one that is not there.
        """
        if self.master_key:
            return self.master_key.get_secret_value().encode()
        try:
            return self.master_key_path.read_bytes().strip()
        except FileNotFoundError:
            if not self.production:
                return None
            raise Misconfigured("setting.master_key_unreadable", path=self.master_key_path) from None
        except OSError:
            raise Misconfigured("setting.master_key_unreadable", path=self.master_key_path) from None


def load(env_file: Path | None = ROOT / ".env") -> Settings:
    """The settings of this process; the environment wins over `env_file`. Raises Misconfigured naming the setting."""
    if unknown := unknown_names(env_file):
        raise Misconfigured("setting.unknown", setting=unknown, path=env_file)
    try:
        return Settings(_env_file=env_file)
    except ValidationError as problem:
        name = str(problem.errors()[0]["loc"][0])
        raise Misconfigured(
            "setting.invalid", setting=variable(name), example=Settings.model_fields[name].examples
        ) from None


def unknown_names(env_file: Path | None) -> list[str]:
    """Names in `env_file` that look like settings and are none: most likely slips of the pen."""
    names = DotEnvSettingsSource(Settings, env_file=env_file).env_vars
    known = {variable(name) for name in Settings.model_fields}
    return sorted(name.upper() for name in names if name.upper().startswith(PREFIX) and name.upper() not in known)


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()
