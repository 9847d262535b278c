"""What can be set: by a flag, else by a variable ENTREPOT_<FIELD IN CAPITALS>, else the default."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from entrepot.domain.mail.headers import sender_address
from entrepot.domain.mail.server import mail_server
from entrepot.domain.portal.elsewhere import GITHUB_PLACE, GOOGLE_PLACE
from entrepot.domain.portal.places import REGIONS
from entrepot.http.peer import networks
from entrepot.kernel.hosts import is_loopback

PREFIX = "ENTREPOT_"
SHORTEST_SECRET = 32  # characters
BENCH_KEY = re.compile(rf"[A-Za-z0-9_-]{{{SHORTEST_SECRET},1024}}")
"""Without dots, which access tokens have."""
LEAST_OF_LANE = 8
"""KiB, of argon2 (RFC 9106, 3.1)."""

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_PATHS = frozenset({"postgres_bin", "smtp_authorities", "mail_templates", "seeds"})
_CHOICES = {
    "log_level": ("debug", "info", "warning", "error"),
    "log_format": ("auto", "console", "json"),
    "sign_up": ("open", "closed"),
}


class SettingsError(ValueError):
    """A setting is missing or cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a server process."""

    host: str = "127.0.0.1"
    port: int = 8080
    """0 takes a free one."""
    base_url: str = "http://localhost:8080"
    """What clients call the server, without a slash at the end; by default http://localhost and the port."""
    workers: int = 1
    """Server processes."""
    data_dir: Path = Path(".entrepot")
    """Holds the embedded database, secret.key and demo.json."""
    database_url: str | None = field(default=None, repr=False)
    """A PostgreSQL of one's own; None starts the embedded one in data_dir."""
    postgres_bin: Path | None = None
    """The directory of PostgreSQL's programs (initdb, postgres) for the embedded database; None takes those that were
    installed with Entrepot, else the system's."""
    pool_min_size: int = 2
    """Connections that each server process keeps."""
    pool_max_size: int = 20
    """Connections that each server process may have."""
    statement_timeout: int = 30
    """Seconds after which the database ends a read; 0 is without limit, here and below."""
    change_timeout: int = 300
    """Seconds after which it ends a statement of a change, which may be one of very many rows."""
    lock_timeout: int = 5
    """Seconds that a change waits for another one of the same rows."""
    idle_transaction_timeout: int = 60
    """Seconds after which it ends a transaction in which nothing is done."""
    database_silence: int = 10
    """Seconds without any answer after which the database counts as lost."""
    secret_key: str = field(default="", repr=False)
    """Encrypts the secrets in the database, at least 32 characters. The embedded database's is made by itself and
    kept in data_dir/secret.key; all processes of one database need the same."""
    previous_secret_keys: tuple[str, ...] = field(default=(), repr=False)
    """Further keys that open the database's secrets while another one takes their place; separated by blanks."""
    demo: bool = True
    """Whether to make the demo marketplace; by default with the embedded database only."""
    smtp_url: str = field(default="", repr=False)
    """The server that takes mail: smtp://user:password@host:587, with STARTTLS, or smtps://host:465. Without one, messages that
    no message sender takes stay in the mailbox."""
    smtp_authorities: Path | None = None
    """A file of certificates (PEM) that the mail server's is checked with, beside the system's."""
    mail_from: str = ""
    """The sender of mail: shop@example.com, or Shop <shop@example.com>."""
    mail_templates: Path | None = None
    """A directory of templates that go before Entrepot's own."""
    mail_links: str = ""
    """Hosts, with commas, that links in mail may lead to, when whoever asked for the mail has chosen them."""
    mailbox_messages: int = 1_000
    """Messages that the mailbox of a marketplace keeps, beyond which the oldest go, some dozens at a time; 0 is no limit."""
    mailbox_days: int = 14
    """Days for which it keeps them, and for which catchers keep what they have caught; 0 is for ever."""
    environment: str = "Sandbox"
    """The environment's name in the answers that tell it."""
    private_targets: bool = False
    """Whether integrations may have the server call addresses of this machine and of private networks; by default where
    nobody else reaches the server: with the embedded database, on a loopback address, and not behind a proxy."""
    regions: tuple[str, ...] = ("usw",)
    """The regions that the portal offers for new marketplaces, the default first: of usw, est, eur, aus, jpn; separated by blanks.
    All of them are this server."""
    sign_up: str = "closed"
    """open or closed: whether whoever reaches the portal may make an account; by default open where nobody but this machine
    reaches the server, as with private_targets."""
    portal_github: tuple[str, ...] = field(default=(), repr=False)
    """Client ID and secret of an OAuth application at GitHub, separated by a blank, by which people sign in to the portal there."""
    portal_github_url: str = GITHUB_PLACE
    """GitHub, or a GitHub Enterprise Server of one's own."""
    portal_google: tuple[str, ...] = field(default=(), repr=False)
    """The same at Google, or at another provider of OpenID Connect."""
    portal_google_issuer: str = GOOGLE_PLACE
    """The issuer of its tokens, below which it describes itself."""
    test_bench: bool = True
    """Whether there are operations for tests, which let requests fail on purpose and move clocks; by default with the embedded
    database only."""
    test_bench_key: str = field(default="", repr=False)
    """Opens the test bench as a bearer token, for what is made with it; at least 32 letters, digits, `-` and `_`. Without one access
    tokens alone do."""
    seeds: Path | None = None
    """A directory of seed files (NAME.yml, NAME.yaml, NAME.json) of which marketplaces for tests can be made by name."""
    catchers: bool = False
    """Whether marketplaces may have addresses of this server that keep what is sent to them, for whoever develops an integration;
    by default where nobody but this machine reaches the server, as with private_targets."""
    mcp: bool = False
    """Whether assistants speak the Model Context Protocol at /mcp, with the tokens of users; by default where nobody but this
    machine reaches the server, as with private_targets."""
    webhook_timeout: int = 20
    """Seconds that a request waits for the answer of a webhook that may block it."""
    trusted_proxies: str = ""
    """Addresses and networks, with commas, of proxies whose X-Forwarded-For is believed."""
    attempts_per_address: int = 600
    """Refused logins, reset codes, invitations and promotion codes of one public address in a minute; 0 is no limit."""
    attempts_per_client: int = 3_000
    """Refused logins of one API client in a minute; 0 is no limit."""
    attempts_per_name: int = 100
    """Refused logins under one name, and refused codes of one caller, in a minute; 0 is no limit."""
    sessions_per_address: int = 6_000
    """Tokens of guests, registrations and requests for messages of one public address in a minute; 0 is no limit."""
    sessions_per_client: int = 100
    """Refresh tokens that one user keeps at one API client, beyond which the oldest go; 0 is no limit."""
    dispatcher: bool = True
    """Whether each server process delivers what integrations are told; else `entrepot worker` has to run somewhere."""
    delivery_days: int = 7
    """Days for which a delivery is kept after it has ended, and after which one that still waits fails; at least 1."""
    request_log_rows: int = 100_000
    """Requests that the log of a marketplace keeps, beyond which the oldest go; 0 keeps none."""
    request_log_hours: int = 24
    """Hours for which it keeps them; at least 1."""
    sign_ups_per_hour: int = 60
    """Requests of one public address for a code to sign up to the portal with; 0 is no limit."""
    messages_per_hour: int = 20
    """Messages with codes, passwords or names to one user; 0 is no limit."""
    product_index: int = 256
    """MiB that each server process may take to index products that shoppers list; 0 lets the database count them."""
    product_index_from: int = 1_000
    """Products that a shopper sees from which on those of its marketplace are indexed."""
    head_timeout: int = 10
    """Seconds that a client may take to send the head of a request; a body has as long again, and more as it comes."""
    keep_alive: int = 620
    """Seconds that a connection is kept between two requests."""
    max_connections: int = 10_000
    """Open connections of each server process; fewer where the system allows fewer files."""
    max_connections_per_address: int = 1_000
    """Of them from one public address."""
    metrics_token: str = field(default="", repr=False)
    """Opens /metrics as a bearer token; without one they are for programs of this machine alone."""
    waiting_hashes: int = 200
    """Passwords of one marketplace that may wait to be checked by a process."""
    grant_ceiling: bool = False
    """Whether nobody grants roles, or takes over users with roles, that he does not hold himself."""
    end_sessions_on_password_change: bool = False
    """Whether access and refresh tokens of a user end when its password is changed, by whomever."""
    log_level: str = "info"
    """debug, info, warning or error."""
    log_format: str = "auto"
    """console, json, or auto: console at a terminal."""
    argon2_memory_kib: int = 19_456
    argon2_passes: int = 2
    argon2_lanes: int = 1

    @property
    def embedded(self) -> bool:
        """Whether no database is named, so that the embedded one is meant."""
        return self.database_url is None

    def listening_on(self, port: int) -> Self:
        """The same, where the system chose the port."""
        if self.port == port:
            return self
        chosen = self.base_url == _local_url(self.port)
        return replace(self, port=port, base_url=_local_url(port) if chosen else self.base_url)

    def variables(self) -> dict[str, str]:
        """The variables from which another process reads the same settings."""
        given = ((each.name, getattr(self, each.name)) for each in fields(self))
        return {f"{PREFIX}{name.upper()}": _spelled(value) for name, value in given if value is not None}


def read_settings(environment: Mapping[str, str] | None = None, **flags: Any) -> Settings:
    """The settings from the flags that are not None, then the environment's variables, then the defaults.

    Raises SettingsError.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for each in fields(Settings):
        variable = f"{PREFIX}{each.name.upper()}"
        if flags.get(each.name) is not None:
            values[each.name] = flags[each.name]
        elif environment.get(variable):
            values[each.name] = _parsed(variable, environment[variable], each.name)
    values.setdefault("base_url", _local_url(values.get("port", Settings().port)))
    values["base_url"] = values["base_url"].rstrip("/")
    values.setdefault("demo", values.get("database_url") is None)
    values.setdefault("test_bench", values.get("database_url") is None)
    is_alone = _is_of_this_machine_alone(values)
    values.setdefault("private_targets", is_alone)
    values.setdefault("catchers", is_alone)
    values.setdefault("mcp", is_alone)
    values.setdefault("sign_up", "open" if is_alone else "closed")
    settings = Settings(**values)
    _check(settings)
    return settings


def _is_of_this_machine_alone(values: Mapping[str, Any]) -> bool:
    """Whether nobody else reaches the server, as far as its settings tell: behind a proxy everybody is a neighbour."""
    return (
        is_loopback(values.get("host", Settings().host))
        and is_loopback(_host_of(values["base_url"]))
        and not values.get("trusted_proxies")
        and values.get("database_url") is None
    )


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _local_url(port: int) -> str:
    return f"http://localhost:{port}"


def _spelled(value: object) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)


def _parsed(variable: str, text: str, name: str) -> str | int | bool | Path | tuple[str, ...]:
    default = Path() if name in _PATHS else getattr(Settings(), name)
    match default:
        case bool():
            if text.lower() in _TRUE | _FALSE:
                return text.lower() in _TRUE
            raise SettingsError(f"{variable}: {text!r} is neither true nor false.")
        case int():
            if text.isdecimal():
                return int(text)
            raise SettingsError(f"{variable}: {text!r} is not a whole number.")
        case Path():
            return Path(text)
        case tuple():
            return tuple(text.split())
        case _:
            return text


def _check(settings: Settings) -> None:
    for name, choices in _CHOICES.items():
        if getattr(settings, name) not in choices:
            raise SettingsError(
                f"{PREFIX}{name.upper()}: {getattr(settings, name)!r} is not one of {choices}."
            )
    if not 0 <= settings.port <= 65_535:
        raise SettingsError(f"The port has to be between 0 and 65535, not {settings.port}.")
    if settings.workers < 1:
        raise SettingsError(f"At least one worker is needed, not {settings.workers}.")
    try:
        networks(settings.trusted_proxies)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}TRUSTED_PROXIES: {error}.") from None
    if not settings.base_url.startswith(("http://", "https://")):
        raise SettingsError(f"The base URL has to start with http:// or https://, not {settings.base_url!r}.")
    if not 1 <= settings.pool_min_size <= settings.pool_max_size:
        raise SettingsError("The pool's sizes have to be 1 <= POOL_MIN_SIZE <= POOL_MAX_SIZE.")
    if not 1 <= settings.webhook_timeout <= 30:
        raise SettingsError(f"{PREFIX}WEBHOOK_TIMEOUT has to be between 1 and 30 seconds.")
    if settings.delivery_days < 1:
        raise SettingsError(f"{PREFIX}DELIVERY_DAYS has to be at least 1.")
    if settings.request_log_hours < 1:
        raise SettingsError(f"{PREFIX}REQUEST_LOG_HOURS has to be at least 1.")
    if settings.database_silence < 1:
        raise SettingsError(f"{PREFIX}DATABASE_SILENCE has to be at least 1 second.")
    if settings.argon2_passes < 1:
        raise SettingsError(f"{PREFIX}ARGON2_PASSES has to be at least 1.")
    if not 1 <= settings.argon2_lanes <= settings.argon2_memory_kib // LEAST_OF_LANE:
        raise SettingsError(
            f"{PREFIX}ARGON2_LANES has to be at least 1, and {PREFIX}ARGON2_MEMORY_KIB {LEAST_OF_LANE} for each of them."
        )
    if settings.secret_key and len(settings.secret_key) < SHORTEST_SECRET:
        raise SettingsError(f"{PREFIX}SECRET_KEY needs at least {SHORTEST_SECRET} characters.")
    if any(len(key) < SHORTEST_SECRET for key in settings.previous_secret_keys):
        raise SettingsError(
            f"{PREFIX}PREVIOUS_SECRET_KEYS: each key has at least {SHORTEST_SECRET} characters."
        )
    if settings.test_bench_key and not BENCH_KEY.fullmatch(settings.test_bench_key):
        raise SettingsError(
            f"{PREFIX}TEST_BENCH_KEY needs {SHORTEST_SECRET} to 1024 letters, digits, - and _, and nothing else."
        )
    if settings.seeds is not None and not settings.seeds.is_dir():
        raise SettingsError(f"{PREFIX}SEEDS: there is no directory {settings.seeds}.")
    unknown = [each for each in settings.regions if each not in REGIONS]
    if unknown or not settings.regions:
        raise SettingsError(f"{PREFIX}REGIONS has to name some of {', '.join(REGIONS)}, not {unknown}.")
    _check_elsewhere(settings)
    _check_mail(settings)
    if not settings.embedded and not settings.secret_key:
        raise SettingsError(
            f"{PREFIX}SECRET_KEY is needed with a database of one's own: a random text of {SHORTEST_SECRET} or"
            " more characters, the same for all its servers. It encrypts the secrets in the database."
        )


def _check_elsewhere(settings: Settings) -> None:
    for name, place in (("portal_github", "portal_github_url"), ("portal_google", "portal_google_issuer")):
        if len(getattr(settings, name)) not in (0, 2):
            raise SettingsError(f"{PREFIX}{name.upper()} has to be a client ID, a blank and its secret.")
        if not getattr(settings, place).startswith(("http://", "https://")):
            raise SettingsError(f"{PREFIX}{place.upper()} has to start with http:// or https://.")


def _check_mail(settings: Settings) -> None:
    try:
        if settings.smtp_url:
            mail_server(settings.smtp_url)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}SMTP_URL: {error}.") from None
    try:
        if settings.smtp_url or settings.mail_from:
            sender_address(settings.mail_from)
    except ValueError:
        raise SettingsError(
            f"{PREFIX}MAIL_FROM has to be an address, shop@example.com or Shop <shop@example.com>."
        ) from None
    for name in ("smtp_authorities", "mail_templates"):
        place = getattr(settings, name)
        if place is not None and not place.exists():
            raise SettingsError(f"{PREFIX}{name.upper()}: {place} is not there.")
