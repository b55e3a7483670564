"""What an operator may set, read once from an environment that is handed in.

Without DATABASE_URL and CHAIN_RPC_URLS the system is *embedded*: its database and node live under
CIVIS_HOME, where a running `civis run` leaves their addresses. Only an embedded system can be a
demo. A default is valid in production and harmless there, or there is none.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from app.chain_descriptor import ChainDescriptor
from app.city_account import DEMO_ACCOUNT, CityAccount
from app.controller import Authority, Controller
from app.given_urls import check_no_placeholder, with_driver
from app.help_desk import DEMO_HELP, NO_HELP, Help
from app.kept_settings import KeptApart
from app.key_settings import KeySettings, keys_of
from app.keyfiles import read_key
from app.mail_settings import Mail
from app.openid_config import OpenId, openid_of
from app.rpc_tokens import RpcTokens, read_tokens
from app.running import Running

LANGUAGES = ("fr", "en")
_T = TypeVar("_T")


class ConfigError(Exception):
    """One sentence that says what to set; never shows a secret."""


class DatabaseRole(enum.StrEnum):
    """The database's users, each with the rights of one part."""

    MIGRATOR = "migrator"
    APP = "app"
    SIGNER = "signer"
    LOG = "log"
    AUDITOR = "auditor"

    @property
    def user(self) -> str:
        return f"civis_{self.value}"

    @property
    def variable(self) -> str:
        return "DATABASE_URL" if self is DatabaseRole.APP else f"DATABASE_URL_{self.name}"


@dataclass(frozen=True)
class Settings:
    """All that is set. `home` holds everything that this installation must not lose."""

    home: Path
    port: int
    gateway_port: int
    public_url: str
    gateway_url: str  # where the public reaches the gateway, if that is not beside the site
    embedded: bool
    demo: bool
    small_demo: bool  # a city of few people and days, for tests
    database_urls: Mapping[DatabaseRole, str]
    chain_rpc_urls: tuple[str, ...]
    chain_rpc_tokens: RpcTokens
    chain: ChainDescriptor
    deployment_file: Path
    deployer_key_file: Path  # of `civis deploy`
    kept: KeptApart  # folders apart from the database
    languages: tuple[str, ...]
    time_zone: ZoneInfo  # of days and hours where no programme or organisation has its own
    help: Help
    controller: Controller
    authority: Authority
    mail: Mail
    cors_origins: tuple[str, ...]
    city_account: CityAccount | None  # none: no bank file can be made
    openid: OpenId | None  # none: no sign-in through a provider
    key_keeping: KeySettings  # of the keys under home/keys

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Raises ConfigError. Reads the environ given and, if embedded, files under home."""
        return _Reader(environ).settings()

    def database_url(self, role: DatabaseRole = DatabaseRole.APP) -> str:
        """The SQLAlchemy URL of one database user. Raises ConfigError when there is none."""
        url = self.database_urls.get(role)
        if url:
            return url
        if self.embedded:
            raise ConfigError(Running.missing(self.home))
        raise ConfigError(f"Set {role.variable}: this command works as {role.user}.")

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    @property
    def archive_folder(self) -> Path:
        """Archives of the seasons that ended: workers write them, the site hands them out."""
        return self.home / "archives"


class _Reader:
    """Turns variables into values, each mistake into a sentence that names its variable."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.embedded = not (self.text("DATABASE_URL") or self.text("CHAIN_RPC_URLS"))

    def settings(self) -> Settings:
        home = self._path("CIVIS_HOME", Path(".civis").absolute())
        running, port = Running.read(home) if self.embedded else None, self._port()
        return Settings(
            home=home,
            port=port,
            gateway_port=self._gateway_port(port),
            public_url=self._public_url(port, self.embedded),
            gateway_url=self._address("GATEWAY_URL", self.embedded),
            embedded=self.embedded,
            demo=self.embedded and self.text("CIVIS_DEMO", "1") != "0",
            small_demo=self.text("CIVIS_DEMO") == "small",
            database_urls=_running_urls(running, home) if self.embedded else self._urls(),
            chain_rpc_urls=Running.rpc_of(running) or self.words("CHAIN_RPC_URLS"),
            chain_rpc_tokens=self._in_words(lambda: read_tokens(self.words)),
            chain=self._chain(running),
            deployment_file=self._path("CHAIN_DEPLOYMENT", home / "chain" / "deployment.json"),
            deployer_key_file=self._path("DEPLOYER_KEY_FILE", home / "signer/keys/deployer"),
            kept=KeptApart.read(self._path, home),
            languages=self._languages(),
            time_zone=self._time_zone(),
            help=Help.read(self.text, DEMO_HELP if self.embedded else NO_HELP),
            controller=Controller.read(self.text, self.embedded),
            authority=self._in_words(lambda: Authority.read(self.text)),
            mail=self._mail(home, self.embedded),
            cors_origins=self.words("CORS_ORIGINS"),
            city_account=self._city_account(self.embedded),
            openid=self._in_words(lambda: openid_of(self.text)),
            key_keeping=self._in_words(lambda: keys_of(self.text)),
        )

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(name, "").strip() or default

    def _port(self) -> int:
        return self.number("PORT", 8000, 1, 65534)

    def words(self, name: str) -> tuple[str, ...]:
        """A list separated by commas or spaces."""
        return tuple(self.text(name).replace(",", " ").split())

    def number(self, name: str, default: int, low: int, high: int) -> int:
        given = self.text(name, str(default))
        if not given.isdecimal() or not low <= int(given) <= high:
            raise ConfigError(f"{name} is {given!r}: set a whole number from {low} to {high}.")
        return int(given)

    def _gateway_port(self, port: int) -> int:
        beside = self.number("GATEWAY_PORT", port + 1, 1, 65535)
        if beside == port:
            raise ConfigError(f"GATEWAY_PORT is {port}, as PORT is: set another port for one.")
        return beside

    def _path(self, name: str, default: Path) -> Path:
        given = self.text(name)
        return Path(given).expanduser().absolute() if given else default

    def _address(self, name: str, embedded: bool, default: str = "") -> str:
        url = self.text(name, default)
        if url and not embedded and not url.startswith("https://"):
            raise ConfigError(f"{name} must begin with https:// outside the embedded system.")
        return url.rstrip("/")

    def _public_url(self, port: int, embedded: bool) -> str:
        url = self._address("PUBLIC_URL", embedded, f"http://localhost:{port}" if embedded else "")
        if not url.startswith(("http://", "https://")):
            raise ConfigError("Set PUBLIC_URL to the address at which people reach Civis.")
        return url

    def _urls(self) -> dict[DatabaseRole, str]:
        """The URLs given; one scheme for the driver, and no placeholder for a password."""
        if not (self.text("DATABASE_URL") and self.text("CHAIN_RPC_URLS")):
            raise ConfigError("Set DATABASE_URL and CHAIN_RPC_URLS both, or neither.")
        given = {role: self.text(role.variable) for role in DatabaseRole}
        for role, url in given.items():
            self._in_words(partial(check_no_placeholder, role.variable, url))
        return {
            role: self._in_words(partial(with_driver, url)) for role, url in given.items() if url
        }

    def _chain(self, running: Running | None) -> ChainDescriptor:
        if self.embedded:
            return Running.chain_of(running)
        return ChainDescriptor.read(self.text, self.number)

    def _languages(self) -> tuple[str, ...]:
        chosen = self.words("LANGUAGES") or LANGUAGES
        unknown = set(chosen) - set(LANGUAGES)
        if unknown:
            raise ConfigError(f"LANGUAGES names {sorted(unknown)}: there are fr and en.")
        return chosen

    def _time_zone(self) -> ZoneInfo:
        name = self.text("TIME_ZONE", "Europe/Paris")
        try:
            return ZoneInfo(name)
        except (LookupError, ValueError, OSError) as error:
            raise ConfigError(f"TIME_ZONE is {name!r}: set a name like Europe/Paris.") from error

    def _mail(self, home: Path, embedded: bool) -> Mail:
        folder = self._path("MAIL_FOLDER", home / "mail")
        return self._in_words(lambda: Mail.read(self.text, folder, embedded=embedded))

    def _city_account(self, embedded: bool) -> CityAccount | None:
        holder, iban = self.text("BANK_HOLDER"), self.text("BANK_IBAN").replace(" ", "")
        if not (holder or iban):
            return DEMO_ACCOUNT if embedded else None
        return self._in_words(lambda: CityAccount(holder, iban))

    @staticmethod
    def _in_words(read: Callable[[], _T]) -> _T:
        """What a part's own reader refuses, it says in a sentence for whoever sets it."""
        try:
            return read()
        except ValueError as error:
            raise ConfigError(str(error)) from error


def _running_urls(running: Running | None, home: Path) -> dict[DatabaseRole, str]:
    if running is None:
        return {}
    return {
        role: embedded_url(role, read_key(home, f"postgres_{role.value}"), running.database_port)
        for role in DatabaseRole
    }


def embedded_url(role: DatabaseRole, password: str, port: int, database: str = "civis") -> str:
    """The URL of one database user of an embedded PostgreSQL; passwords are URL-safe."""
    return f"postgresql+psycopg://{role.user}:{password}@127.0.0.1:{port}/{database}"
