"""`POST /mcp`: who asks, from where, and how much; then the protocol's library has its turn."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from falcon.asgi import Response

from entrepot.declare.operation import BodyLimit, Operation, chore
from entrepot.engine.call import Call, StaleStandingError
from entrepot.engine.content import Content
from entrepot.engine.principal import Principal
from entrepot.engine.standing import confirm_standing
from entrepot.http import body
from entrepot.http.abandoned import interruption
from entrepot.http.authentication import credentials
from entrepot.http.encoding import JSON, encode
from entrepot.http.exchange import Site
from entrepot.http.mcp import discovery, inner
from entrepot.http.mcp.calling import Visit
from entrepot.http.mcp.finding import Index
from entrepot.http.mcp.inner import Application, Message
from entrepot.http.mcp.offered import Offer
from entrepot.http.mcp.resources import Models
from entrepot.http.request import Request
from entrepot.kernel.errors import (
    BodyTooLargeError,
    ForeignOriginError,
    InvalidBodyError,
    InvalidTokenError,
    ServerError,
    UnauthorizedError,
)

PATH = "/mcp"
LIMIT = BodyLimit(1024 * 1024 + 64 * 1024, 21_000)
"""Of a message: the usual limit of a body, and what is around it."""
LARGEST_ENVELOPE = 64 * 1024
"""Bytes of a message without the arguments of its tool."""

_ASKING = chore("Mcp")
_PARSE_ERROR, _INVALID_REQUEST = (-32700, "Parse error"), (-32600, "Invalid Request")
_LOOPBACK = "localhost"
_USUALLY, _OFTEN = sys.getswitchinterval(), 0.0002
"""Seconds after which a thread hands the interpreter to another one that waits."""


class McpEndpoint:
    """A Falcon resource. Nothing of an exchange is kept."""

    def __init__(self, site: Site, application: Application, operations: Iterable[Operation]) -> None:
        self._site = site
        self._application = application
        self._operations = [*operations]
        self._parts: tuple[Offer, Index, Models] | None = None
        self._converse: Callable[..., Awaitable[None]] | None = None
        self._loading = asyncio.Lock()

    async def on_post(self, req: Request, resp: Response) -> None:
        req.operation = _ASKING.id
        check_place(req, self._site.base_url)
        caller = await self._caller(req, resp)
        req.marketplace, req.user = caller.marketplace, caller.user_id
        content = await _content(req)
        offer, index, models = await self._known()
        selection = offer.select(req.raw_query)
        try:
            message, arguments = without_arguments(content.value)
        except InvalidBodyError:
            return _refuse(resp, *_PARSE_ERROR)
        if not is_message(message):
            return _refuse(resp, *_INVALID_REQUEST)
        raw = encode(message)
        if len(raw) > LARGEST_ENVELOPE:
            raise BodyTooLargeError(LARGEST_ENVELOPE)
        ask = partial(inner.ask, self._application, req)
        visit = Visit(offer, index, selection, caller, arguments, ask)
        try:
            return await self._answer(visit, models, req, resp, raw)
        except asyncio.CancelledError as cancelled:
            raise interruption(cancelled, req) from None

    async def _caller(self, req: Request, resp: Response) -> Principal:
        """Who asks, whose standing is confirmed: what he is told follows from it. Raises UnauthorizedError."""
        try:
            token = credentials(req.authorization)
            if not token:
                raise InvalidTokenError
            caller = await self._site.callers.of(token)
            backend = self._site.opened.backend
            try:
                await confirm_standing(Call.of_server(_ASKING, backend, caller))
            except StaleStandingError:
                caller = await self._site.callers.afresh(token)
        except UnauthorizedError as refusal:
            refusal.challenge = discovery.challenge(PATH, self._site.base_url)
            raise
        return caller

    async def _known(self) -> tuple[Offer, Index, Models]:
        """What follows from the operations alone, made beside the event loop when the first assistant asks."""
        if self._parts is None:
            self._parts = await asyncio.to_thread(_parts, self._operations)
        return self._parts

    async def library(self) -> Callable[..., Awaitable[None]]:
        """What speaks the protocol, loaded in one thread when the first assistant asks."""
        async with self._loading:
            if self._converse is None:
                self._converse = await asyncio.to_thread(_library)
        return self._converse

    async def _answer(self, visit: Visit, models: Models, req: Request, resp: Response, raw: bytes) -> None:
        converse = await self.library()
        sent: list[Message] = []
        events = [{"type": "http.request", "body": raw, "more_body": False}]

        async def receive() -> Message:
            if not events:
                await asyncio.Event().wait()
            return events.pop()

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [
            pair for pair in req.scope["headers"] if pair[0] not in (b"content-length", b"content-type")
        ]
        headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(raw))]
        await converse(visit, models, {**req.scope, "headers": headers}, receive, send)
        if not sent:
            raise ServerError
        start, *rest = sent
        told = {name.lower(): value.decode("latin-1") for name, value in start["headers"]}
        resp.status = start["status"]
        if b"content-type" in told:
            resp.content_type = told[b"content-type"]
        resp.data = b"".join(each.get("body", b"") for each in rest) or None


def routes(
    site: Site, application: Application, operations: Iterable[Operation]
) -> tuple[tuple[str, object], ...]:
    """(path on the host, Falcon resource). application: what serves the requests that tools make."""
    return (
        (PATH, McpEndpoint(site, application, operations)),
        *discovery.routes(PATH, site.base_url),
    )


def check_place(req: Request, base_url: str) -> None:
    """Raise ForeignOriginError for a page of somewhere else; on one's own machine also for a name that was made to lead here
    (DNS rebinding). Programs send no Origin.
    """
    own = urlsplit(base_url)
    origin, near = req.get_header("Origin"), is_near(own.hostname)
    if near and not is_near(_host(f"//{req.get_header('Host') or ''}")):
        raise ForeignOriginError
    if (
        origin is not None
        and origin != f"{own.scheme}://{own.netloc}"
        and not (near and is_near(_host(origin)))
    ):
        raise ForeignOriginError


def is_near(host: str | None) -> bool:
    """Whether a name or an address is this machine's."""
    try:
        return host is not None and (host.lower() == _LOOPBACK or ip_address(host).is_loopback)
    except ValueError:
        return False


def without_arguments(message: Any) -> tuple[Any, dict[str, Any]]:
    """A message that calls a tool, and apart from it the arguments: the library would make binary numbers of all, and look at
    them several times over.
    """
    if not isinstance(message, dict) or message.get("method") != "tools/call":
        return message, {}
    params = message.get("params")
    if not isinstance(params, dict) or not isinstance(params.get("arguments"), dict):
        return message, {}
    arguments = params["arguments"]
    return {**message, "params": params | {"arguments": {}}}, arguments


def is_message(message: Any) -> bool:
    """Whether it is one request, or one notification, which has no ID."""
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        return False
    number = message.get("id", 0)
    return (
        isinstance(message.get("method"), str)
        and isinstance(message.get("params"), dict | None)
        and isinstance(number, str | int)
        and not isinstance(number, bool)
    )


def _refuse(resp: Response, code: int, text: str) -> None:
    resp.status, resp.content_type = 400, JSON
    resp.data = encode({"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": text}})


async def _content(req: Request) -> Content:
    """Raises BodyTooLargeError, BodyTooManyValuesError, and InvalidBodyError for a type that is no JSON."""
    raw = await body.read(req, LIMIT.bytes)
    if not body.is_json(req.content_type):
        raise InvalidBodyError
    content = Content(raw)
    await content.examine(LIMIT.values)
    return content


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _parts(operations: Iterable[Operation]) -> tuple[Offer, Index, Models]:
    offer = Offer(operations)
    return offer, Index(offer), Models.of(offer)


def _library() -> Callable[..., Awaitable[None]]:
    """Half a second of work, during which the event loop would else wait for each of its turns as long as it may."""
    sys.setswitchinterval(_OFTEN)
    try:
        from entrepot.http.mcp.speaking import converse
    finally:
        sys.setswitchinterval(_USUALLY)
    return converse
