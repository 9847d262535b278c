"""What happens to a request, in order (CONV-9).

    every request     identify       request id, start of the clock            request.py
                      preflight      OPTIONS of a browser, without a token     cors.py
                      (route)        404 and 405                               routing.py
    an operation      STEPS below
    every response    decorate       CORS, Cache-Control, X-Request-ID         every_request.py
                      compress       gzip                                      compression.py
                      record         metrics and the logs                      metrics.py, access_log.py, noting.py

A step refuses by raising; errors.py turns any exception into a response, which the last three still pass.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from falcon.asgi import Response

from entrepot.declare.operation import SECRET_PARAMETERS, Operation, Unit
from entrepot.engine.attempts import Of
from entrepot.engine.authorization import refusal_of
from entrepot.engine.call import XP_NULLS
from entrepot.engine.content import Content
from entrepot.http import body, streaming, unit
from entrepot.http.abandoned import interruption, keep, may_abandon
from entrepot.http.authentication import credentials
from entrepot.http.bench import may_be_key
from entrepot.http.counting import counting
from entrepot.http.database_errors import translate
from entrepot.http.encoding import HTML, JSON, encode
from entrepot.http.exchange import Exchange, Site
from entrepot.http.faults import Struck
from entrepot.http.files import BYTES, pieces, spool
from entrepot.http.repeating import digest_of, key_of, may_repeat
from entrepot.http.request import CURRENT, Request
from entrepot.http.routing import ascii_id, location, parameter_places
from entrepot.kernel.errors import (
    ApiError,
    InvalidTokenError,
)

Step = Callable[[Exchange], Awaitable[None]]


async def authenticate(exchange: Exchange) -> None:
    """401 (AUTH-28). Public operations take no notice of a token, be it bad or missing."""
    exchange.token = credentials(exchange.request.authorization)
    if exchange.operation.public:
        return
    if not exchange.token:
        raise InvalidTokenError
    callers, request = exchange.site.callers, exchange.request
    caller = callers.known(exchange.token) or await callers.afresh(exchange.token)
    exchange.caller = request.noted_for = caller
    request.marketplace = caller.marketplace
    request.user = caller.user_id


async def authenticate_for_tests(exchange: Exchange) -> None:
    """The same, of the test bench: the key of the settings opens it, too. 429 for whoever has tried too many."""
    bench, token = exchange.site.opened.bench, credentials(exchange.request.authorization)
    if bench is None or not may_be_key(token):
        await authenticate(exchange)
        return
    with exchange.site.opened.attempts.guess((Of.ADDRESS, ("bench key", exchange.peer().address))):
        if not bench.opens(token):
            raise InvalidTokenError
    await exchange.call_by_key()
    assert exchange.caller is not None
    exchange.request.marketplace = exchange.caller.marketplace


async def authenticate_account(exchange: Exchange) -> None:
    """401: of the portal's tokens, which open nothing else, as no other opens the portal."""
    exchange.token = credentials(exchange.request.authorization)
    if exchange.operation.public:
        return
    accounts = exchange.site.opened.accounts
    if not exchange.token or accounts is None:
        raise InvalidTokenError
    account = exchange.account = await accounts.of(exchange.token)
    exchange.request.user = account.username


async def authorize(exchange: Exchange) -> None:
    """403 (engine/authorization.py); then what the marketplace wants to fail on purpose does."""
    caller = exchange.caller
    if caller is None:
        return
    refusal = refusal_of(exchange.operation, caller)
    if refusal is not None:
        raise refusal
    if caller.has_faults and exchange.struck is None:
        opened = exchange.site.opened
        striking = opened.strikes and opened.strikes(
            opened.backend, exchange.operation, exchange.request.path, caller
        )
        if striking is not None:
            await _strike(exchange, striking)


async def _strike(exchange: Exchange, striking: Awaitable[Struck | None]) -> None:
    exchange.struck = await striking
    if exchange.struck is not None:
        await exchange.struck.before()


async def read_body(exchange: Exchange) -> None:
    """413 (HTTP-5), and 400 for a content type that is no JSON (ERR-8). GET and DELETE have no body (CONV-6)."""
    operation = exchange.operation
    raw = exchange.request.sent = await body.read(exchange.request, operation.body_limit.bytes)
    body.check_content_type(operation, exchange.request, raw)
    declared = operation.body
    exchange.content = Content(raw, optional=declared is not None and not declared.required)
    if declared is not None:
        await exchange.content.examine(operation.body_limit.values)


async def spool_file(exchange: Exchange) -> None:
    """The same of an operation that takes a file: 413."""
    exchange.upload = await spool(exchange.request, exchange.operation.takes_file)


async def note_key(exchange: Exchange) -> None:
    """400 for an Idempotency-Key that is none."""
    key, repeats = key_of(exchange.request), exchange.site.opened.repeats
    if key is not None and repeats is not None:
        sent = exchange.content.raw if exchange.upload is None else exchange.upload.digest
        request = exchange.request
        nulls = request.get_header(XP_NULLS)
        digest = digest_of(request.method, request.raw_path, request.raw_query, nulls, sent)
        exchange.repeat = repeats(key, digest)


async def run_unit(exchange: Exchange) -> None:
    """The handler in its unit of work, once the webhooks before it have agreed (WH-10); a write is committed when this step
    ends, and webhooks after it have been told of it. 429 where what counts as an attempt was
    tried too often (HTTP-6).
    """
    if exchange.operation.counted is None:
        exchange.reply = await unit.run(exchange, authorize)
        return
    who = exchange.account or exchange.caller
    with counting(exchange.site.opened.attempts, exchange.operation, exchange.peer(), who):
        exchange.reply = await unit.run(exchange, authorize)


async def encode_reply(exchange: Exchange) -> None:
    """Status, headers and JSON text. Without a body there is no content type (HTTP-3)."""
    if exchange.struck is not None:
        await exchange.struck.after()
    reply, response = exchange.reply, exchange.response
    response.status = reply.status or exchange.operation.status
    if reply.body is not None:
        response.content_type = JSON
        response.data = encode(reply.body)
    if reply.file is not None:
        response.content_type = BYTES
        response.set_header("Content-Disposition", f'attachment; filename="{reply.file.name}"')
        if exchange.request.method == "HEAD":
            response.content_length = reply.file.size
            reply.file.file.close()
        else:
            response.set_stream(pieces(reply.file.file), reply.file.size)
    if reply.page is not None:
        response.content_type = HTML
        response.data = reply.page.encode("utf-8", "replace")
    if reply.stream is not None:
        await streaming.answer_with(reply.stream, exchange.request, response)
    for name, value in reply.headers:
        if name == "Set-Cookie":
            response.append_header(name, value)
        else:
            response.set_header(name, value)
    if reply.created is not None:
        response.set_header("Location", exchange.site.base_url + location(exchange.operation, reply.created))


STEPS: tuple[Step, ...] = (authenticate, authorize, read_body, note_key, run_unit, encode_reply)
STEPS_FOR_TESTS: tuple[Step, ...] = (authenticate_for_tests, *STEPS[1:])
"""Of the test bench's."""
PORTAL_STEPS: tuple[Step, ...] = (authenticate_account, read_body, run_unit, encode_reply)
"""Of the portal's operations, whose handlers look up what the account may do in the marketplace that they are about."""


def _steps_of(operation: Operation) -> tuple[Step, ...]:
    """Those that do anything for an operation: each one costs every request."""
    # What needs no role of its own does what its caller may do elsewhere: the key may nothing elsewhere.
    by_key = operation.is_for_tests and bool(operation.roles)
    steps = PORTAL_STEPS if operation.is_portal else STEPS_FOR_TESTS if by_key else STEPS
    if operation.takes_file:
        steps = tuple(spool_file if step is read_body else step for step in steps)
    idle: dict[Step, bool] = {
        read_body: operation.verb not in body.VERBS,
        authorize: operation.public,
        note_key: not may_repeat(operation),
    }
    return tuple(step for step in steps if not idle.get(step, False))


class Endpoint:
    """One operation behind its route."""

    def __init__(self, site: Site, operation: Operation, path: str) -> None:
        self._site = site
        self._operation = operation
        self._steps = _steps_of(operation)
        self._places = parameter_places(path)
        self._ends_with_client = operation.ends_with_client or (
            operation.verb == "GET" and operation.unit is Unit.READ
        )
        self._secret = tuple(index for name, index in self._places if name in SECRET_PARAMETERS)
        self._ids = [name for name, _ in self._places if name.endswith("ID")]

    async def respond(self, req: Request, resp: Response, segments: list[str]) -> None:
        """Falcon's responder."""
        req.operation = self._operation.id
        req.secret_segments = self._secret
        CURRENT.set(req)
        path = {name: segments[index] for name, index in self._places} if self._places else {}
        if not req.path.isascii():
            for name in self._ids:
                path[name] = ascii_id(path[name])
        exchange = Exchange(self._site, self._operation, path, req, resp)
        try:
            if self._ends_with_client:
                may_abandon(req)
            for step in self._steps:
                await step(exchange)
        except ApiError:
            raise
        except asyncio.CancelledError as cancelled:
            raise interruption(cancelled, req) from None
        except Exception as error:
            refusal = translate(error, self._operation, path, has_body=bool(exchange.content.raw))
            if refusal is None:
                raise
            raise refusal from error
        finally:
            if self._ends_with_client:
                keep(req)
            if exchange.upload is not None:
                exchange.upload.file.close()
