"""The state of a login: sealed, on its way through the browser and the identity provider, and good for one return (ADR 0026).

Nothing is stored before somebody comes back with it: whoever only begins logins leaves no rows.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from entrepot.engine.call import Call
from entrepot.engine.wire.json import encode, load
from entrepot.features.people.credentials.secrets import SecretBoxError
from entrepot.features.people.services import services
from entrepot.kernel.errors import LoginStateError

LIFETIME = timedelta(minutes=15)
"""For which somebody may be at the identity provider."""
LONGEST_STATE = 16_384
PLACE = ("openid", "state")
RANDOM = re.compile(r"[A-Za-z0-9_-]{43}")
USE = """
INSERT INTO used_login_states (marketplace_id, state_digest, expires_at) VALUES ($1, $2, $3)
ON CONFLICT (marketplace_id, state_digest) DO NOTHING RETURNING state_digest
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginState:
    """What was asked, and what the answer has to fit.

    config_id, client_id: the configuration and its API client. browser: the digest of the cookie's value. verifier: PKCE's,
    "" without. expires_at: Unix seconds.
    """

    config_id: str
    client_id: str
    roles: str
    path: str
    nonce: str
    verifier: str
    browser: str
    expires_at: int


class InABrowser(Protocol):
    """A state of any kind, of a login that began in one browser. browser: the digest of its cookie's value; expires_at: Unix seconds."""

    @property
    def browser(self) -> str: ...

    @property
    def expires_at(self) -> int: ...


State = TypeVar("State")


def begun(
    *, config_id: str, client_id: str, roles: str, path: str, browser: str, pkce: bool, now: datetime
) -> LoginState:
    """A login that begins, in the browser with this cookie."""
    return LoginState(
        config_id=config_id,
        client_id=client_id,
        roles=roles,
        path=path,
        nonce=random_text(),
        verifier=random_text() if pkce else "",
        browser=digest(browser),
        expires_at=ends(now),
    )


def ends(now: datetime) -> int:
    """When a login ends that begins now, in Unix seconds."""
    return int((now + LIFETIME).timestamp())


def challenge(verifier: str) -> str:
    """PKCE's, by S256 (RFC 7636)."""
    return digest(verifier)


def sealed(call: Call, state: Any, place: tuple[str, ...] = PLACE) -> str:
    """The text that goes along. place: what tells states of different kinds apart."""
    box = services(call).box.seal(encode(asdict(state)), place)
    return base64.urlsafe_b64encode(box).rstrip(b"=").decode()


def opened(call: Call, text: str, kind: type[State], place: tuple[str, ...] = PLACE) -> State:
    """The reverse of `sealed`. Raises LoginStateError for what this installation has not sealed."""
    if not text or len(text) > LONGEST_STATE or not text.isascii():
        raise LoginStateError
    try:
        box = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return kind(**load(services(call).box.open(box, place).decode()))
    except (ValueError, TypeError, SecretBoxError) as error:
        raise LoginStateError from error


def require_current(call: Call, state: InABrowser, browser: str) -> None:
    """Raises LoginStateError for a login that took too long, or comes back to another browser."""
    if call.server_clock().timestamp() >= state.expires_at or not secrets.compare_digest(
        state.browser, digest(browser)
    ):
        raise LoginStateError


async def use(call: Call, marketplace_id: int, state: LoginState) -> None:
    """Raises LoginStateError where it has come back before."""
    if await call.pool.fetchval(USE, marketplace_id, *used(call, state.nonce, state.expires_at)) is None:
        raise LoginStateError


def used(call: Call, nonce: str, expires_at: int) -> tuple[bytes, datetime]:
    """What is remembered of a state that has come back, and until when: longer than it is good for, should clocks differ."""
    until = datetime.fromtimestamp(expires_at, call.server_clock().tzinfo) + LIFETIME
    return hashlib.sha256(nonce.encode()).digest(), until


# --- the browser ----------------------------------------------------------------------------------------------


def cookie_name(call: Call) -> str:
    """Behind TLS one that only this host can have set."""
    return "__Host-entrepot-login" if _secure(call) else "entrepot-login"


def browser_of(call: Call) -> str:
    """The value of the browser's cookie; "" where it has none that could be ours."""
    begins = f"{cookie_name(call)}="
    for each in call.cookies.split(";"):
        value = each.strip()
        if value.startswith(begins):
            value = value.removeprefix(begins)
            return value if RANDOM.fullmatch(value) else ""
    return ""


def cookie(call: Call, browser: str) -> tuple[str, str]:
    """The header that sets it. An answer may come by a form that the identity provider's page sends (OIDC-2), which takes cookies
    along only where they say so, and may say so only behind TLS.
    """
    beyond = "; SameSite=None; Secure" if _secure(call) else ""
    age = int(LIFETIME.total_seconds())
    return "Set-Cookie", f"{cookie_name(call)}={browser}; Path=/; Max-Age={age}; HttpOnly{beyond}"


def random_text() -> str:
    """43 characters that nobody guesses."""
    return secrets.token_urlsafe(32)


def _secure(call: Call) -> bool:
    return call.base_url.startswith("https://")


def digest(text: str) -> str:
    """Of the SHA-256 of a text, in Base64 for addresses."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
