"""Who calls: bearer tokens, and a bounded memory of the principals behind them (HTTP-1, AUTH-27, AUTH-28)."""

from __future__ import annotations

import base64
import re
from collections import OrderedDict
from datetime import datetime
from typing import Protocol

import msgspec

from entrepot.engine.call import Database
from entrepot.engine.principal import Account, Principal
from entrepot.kernel.clock import Clock
from entrepot.kernel.errors import InvalidTokenError

MAX_TOKEN_LENGTH = 8192
MAX_REMEMBERED = 4096
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
"""What a bearer token is made of (RFC 6750)."""


class Authenticator(Protocol):
    """Verifies access tokens. Implemented by the OAuth feature."""

    @property
    def keys(self) -> object:
        """What tokens are verified by. Once it is another object, nothing that was verified before counts."""
        ...

    async def authenticate(self, token: str, database: Database | None = None) -> Principal:
        """The caller with its present standing; as `database` sees it, where it is given. Raises UnauthorizedError subclasses (401)."""
        ...

    def note(self, principal: Principal, now: datetime) -> None:
        """A remembered caller calls again; for LastActive (AUTH-71). Called with each such request: no I/O."""
        ...


class Accounts(Protocol):
    """Verifies the portal's access tokens. Implemented by the portal."""

    async def of(self, token: str) -> Account:
        """Whom a token stands for, whose session has not ended. Raises UnauthorizedError subclasses (401)."""
        ...


class Callers:
    """The principals of recently seen tokens, per process; the least recently used ones are forgotten first.

    A remembered principal saves the signature check and the load of the standing. It is no proof that the standing
    still holds: each request confirms the security epoch, and expiry is compared every time. Nor does it outlive the keys
    that it was verified by, one of which may have been withdrawn.
    """

    def __init__(self, authenticator: Authenticator, clock: Clock, size: int = MAX_REMEMBERED) -> None:
        self._authenticator = authenticator
        self._clock = clock
        self._size = size
        self._keys = authenticator.keys
        self._known: OrderedDict[str, tuple[Principal, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    async def of(self, token: str) -> Principal:
        """The principal of a token, verified now or earlier. Raises 401 errors."""
        return self.known(token) or await self.afresh(token)

    def known(self, token: str) -> Principal | None:
        """The principal of a token that was verified earlier, who calls again. Raises InvalidTokenError where it has expired."""
        if self._authenticator.keys is not self._keys:
            self._forget_former_keys()
        known = self._known.get(token)
        if known is None:
            return None
        principal, expires = known
        now = self._clock()
        if expires <= now.timestamp():
            del self._known[token]
            raise InvalidTokenError
        self._known.move_to_end(token)
        self._authenticator.note(principal, now)
        return principal

    async def afresh(self, token: str, database: Database | None = None) -> Principal:
        """Forget the token, verify it again and load its standing; from `database`, where nothing has been written that does not
        stand yet. Raises 401 errors.
        """
        self._known.pop(token, None)
        if len(token) > MAX_TOKEN_LENGTH or not _TOKEN.fullmatch(token):
            raise InvalidTokenError
        keys = self._authenticator.keys
        principal = await self._authenticator.authenticate(token, database)
        expires = expiry(token)
        if self._authenticator.keys is not self._keys:
            self._forget_former_keys()
        if expires is not None and keys is self._keys:
            self._known[token] = (principal, expires - principal.aged)
            if len(self._known) > self._size:
                self._known.popitem(last=False)
        return principal

    def _forget_former_keys(self) -> None:
        self._keys = self._authenticator.keys
        self._known.clear()


class _Claims(msgspec.Struct):
    exp: int


_decode_claims = msgspec.json.Decoder(_Claims).decode


def expiry(token: str) -> int | None:
    """The `exp` claim, in Unix seconds, of a JWT that has been verified; None means not to remember it."""
    try:
        payload = token.split(".")[1]
        return _decode_claims(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))).exp
    except (IndexError, ValueError, msgspec.MsgspecError):
        return None


def credentials(header: str | None) -> str:
    """What an Authorization header carries: the token of a bearer header, "" for `Bearer ` with nothing after it.

    Another scheme gives the whole value (`Basic ...`): it holds a space, as no token does, and the token endpoint
    reads client credentials from it (AUTH-4).
    """
    if not header:
        return ""
    if header.startswith("Bearer ") and not header.endswith(" "):
        return header[7:].lstrip()
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    return header.strip() if rest else ""
