"""The other server: logged in to, asked politely, and asked again where it has trouble."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

from entrepot.engine.wire.json import parse
from entrepot.features.people.outgoing.answers import cut_tokens
from entrepot.features.seeding.remote.errors import (
    GoneError,
    LoginRefusedError,
    NotPermittedError,
    RefusedRequestError,
    SourceLostError,
    StrangerError,
)
from entrepot.features.seeding.remote.transport import Answer, Transport, UnreachedError, UntrustedError
from entrepot.kernel.errors import InvalidBodyError

TROUBLE = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
"""Statuses that may be another one soon."""
RATE = 20.0
"""Requests a second, unless somebody says otherwise."""
MARGIN = 60.0
"""Seconds before its end at which a token is not used any more."""
LONGEST_WAIT = 900.0
"""Seconds beyond which nobody is waited for, whatever Retry-After says."""

_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")

Values = dict[str, Any]
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Access:
    """Where to read, and as whom. url: as of `transport.base_url`. The client's default user is the seller's, with FullAccess
    or whatever of it there is to be read.
    """

    url: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long trouble is borne: `attempts` at the same request, `first` seconds between the first two, then twice as many each
    time, `most` at the most, or what Retry-After asks for. rate: requests a second.
    """

    attempts: int = 8
    first: float = 0.5
    most: float = 30.0
    rate: float = RATE
    sleep: Sleep = asyncio.sleep


class Source:
    """One server, with a token that is renewed where it ends."""

    def __init__(self, access: Access, transport: Transport, patience: Patience) -> None:
        self.url = access.url
        self.requests = 0
        """Sent so far."""
        self._access = access
        self._transport = transport
        self._patience = patience
        self._token = ""
        self._token_ends = 0.0
        self._logging_in = asyncio.Lock()
        self._next_turn = 0.0

    async def get(self, path: str, query: Iterable[tuple[str, str]] = ()) -> Values:
        """The answer of a GET below /v1, as an object.

        Raises NotPermittedError, GoneError, and RemoteError for whatever ends all reading.
        """
        url = f"{self.url}/v1{path}"
        named = urlencode(list(query), quote_via=quote, safe="")
        token = await self._valid_token()
        answer = await self._send("GET", f"{url}?{named}" if named else url, _bearer(token), None)
        if answer.status == 401:
            token = await self._renewed(token)
            answer = await self._send("GET", f"{url}?{named}" if named else url, _bearer(token), None)
        match answer.status:
            case 200:
                return self._object(answer, path)
            case 401:
                raise LoginRefusedError(
                    f"{self.url} takes no token that it has given out itself: {_told(answer)}"
                )
            case 403:
                raise NotPermittedError(_told(answer))
            case 404:
                raise GoneError(_told(answer))
            case _:
                raise RefusedRequestError(f"GET {path} was answered {answer.status}: {_told(answer)}")

    async def log_in(self) -> None:
        """Get a token. Raises RemoteError."""
        form = urlencode({
            "grant_type": "client_credentials",
            "client_id": self._access.client_id,
            "client_secret": self._access.client_secret,
        })  # fmt: skip
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        answer = await self._send("POST", f"{self.url}/oauth/token", headers, form.encode())
        told = _json(answer)
        if (
            answer.status in {400, 401, 403}
            and isinstance(told, dict)
            and ("error" in told or "Errors" in told)
        ):
            raise LoginRefusedError(
                f"{self.url} refuses the API client {self._access.client_id}: {_told(answer)}"
            )
        token = told.get("access_token") if isinstance(told, dict) else None
        if answer.status != 200 or not isinstance(token, str):
            raise StrangerError(
                f"{self.url} does not speak OrderCloud: POST /oauth/token was answered {answer.status}"
                f" ({answer.headers.get('content-type', 'no type')})."
            )
        lifetime = told.get("expires_in")
        self._token = token
        seconds = float(lifetime) if isinstance(lifetime, int) and lifetime > 0 else 600.0
        self._token_ends = _now() + max(seconds - MARGIN, seconds / 2)

    async def _valid_token(self) -> str:
        if not self._token or _now() >= self._token_ends:
            return await self._renewed(self._token)
        return self._token

    async def _renewed(self, former: str) -> str:
        """A token that is not the former; many may ask at once."""
        async with self._logging_in:
            if self._token == former or not self._token:
                await self.log_in()
        return self._token

    async def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """An answer that is no trouble. Raises SourceLostError when patience ends, and StrangerError for a certificate."""
        pause, told = self._patience.first, ""
        for attempt in range(self._patience.attempts):
            if attempt:
                await self._patience.sleep(pause)
            await self._turn()
            self.requests += 1
            try:
                answer = await self._transport(method, url, headers, body)
            except UntrustedError as error:
                raise StrangerError(f"The certificate of {self.url} is not trusted: {error}") from None
            except UnreachedError as error:
                told, asked = str(error), None
            else:
                if answer.status not in TROUBLE:
                    return answer
                told = f"{answer.status}: {_told(answer)}"
                asked = retry_after(answer.headers.get("retry-after"), datetime.now(UTC))
                if asked is not None and asked > LONGEST_WAIT:
                    raise SourceLostError(
                        f"{self.url} wants to be left alone for {asked:.0f} seconds ({told})."
                    )
            if asked is not None:
                # It is busy for the others, too.
                self._next_turn = max(self._next_turn, _now() + asked)
            pause = (
                asked if asked is not None else min(self._patience.first * 2**attempt, self._patience.most)
            )
        raise SourceLostError(
            f"{self.url} did not answer {self._patience.attempts} times in a row; the last time: {told}"
        )

    async def _turn(self) -> None:
        """Wait until the rate allows for one request more."""
        now = _now()
        at = max(now, self._next_turn)
        self._next_turn = at + 1 / self._patience.rate
        if at > now:
            await self._patience.sleep(at - now)

    def _object(self, answer: Answer, path: str) -> Values:
        told = _json(answer)
        if not isinstance(told, dict):
            raise StrangerError(
                f"{self.url} does not speak OrderCloud: GET {path} was not answered with an object."
            )
        return told


def retry_after(text: str | None, now: datetime) -> float | None:
    """The seconds that the header asks for; None for a header that is none."""
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", text.strip()):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


def _bearer(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}", "Accept": "application/json"}


def _json(answer: Answer) -> Any:
    """The value of an answer, None for what is no JSON. U+0000, which PostgreSQL cannot keep, is left out."""
    try:
        return parse(answer.body)
    except InvalidBodyError:
        pass
    try:
        return parse(_NUL.sub(rb"\1", answer.body))
    except InvalidBodyError:
        return None


def _told(answer: Answer) -> str:
    """What an answer says of what is wrong, in a line, without tokens."""
    told = _json(answer)
    if isinstance(told, dict):
        errors = told.get("Errors")
        first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else told
        words = (first.get(name) for name in ("ErrorCode", "Message", "error", "error_description"))
        text = " ".join(word for word in words if isinstance(word, str))
    else:
        text = answer.body[:200].decode("utf-8", "replace")
    return cut_tokens(" ".join(text.split()))[:300] or "no word of why"


def _now() -> float:
    return asyncio.get_running_loop().time()
