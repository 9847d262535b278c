"""One assistant at the door: what it sees, and what becomes of the tools that it calls."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from entrepot.declare.wire import Wire
from entrepot.engine.authorization import refusal_of
from entrepot.engine.principal import Principal
from entrepot.engine.wire.json import parse
from entrepot.engine.wire.masking import holds_secrets, masked
from entrepot.http.encoding import encode, encode_safely
from entrepot.http.errors import envelope
from entrepot.http.mcp import arguments as args
from entrepot.http.mcp import schemas
from entrepot.http.mcp.arguments import Asked
from entrepot.http.mcp.finding import Index
from entrepot.http.mcp.inner import Answered
from entrepot.http.mcp.offered import Effect, Offer, Offered, Selection
from entrepot.http.mcp.tools import CALLS, DESCRIBE, MOST_FOUND, SEARCH, Tool, tool_of, tools_for
from entrepot.http.routing import mounted
from entrepot.kernel.errors import ApiError, ToolArgumentsError

USUALLY_FOUND = 15
LONGEST_SEARCH = 200
"""Characters."""
_FINDING = {SEARCH, DESCRIBE, *CALLS.values()}


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool answers: JSON, or a word on what has none. status: of the request that was made, if one was."""

    text: str
    refused: bool = False
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One exchange. arguments: of the tool that it calls, exact; ask: makes a request for the caller."""

    offer: Offer
    index: Index
    selection: Selection
    caller: Principal
    arguments: Mapping[str, Any]
    ask: Callable[[Asked], Awaitable[Answered]]

    async def tools(self, start: int, end: int) -> tuple[list[Tool], bool]:
        """Those from one place to another, and whether there are more."""
        found = [*tools_for(self.offer, self.selection, self.caller)]
        page = found[start:end]
        return await asyncio.to_thread(_told, page), len(found) > end

    async def call(self, name: str) -> Result | None:
        """None where the caller has no tool of that name."""
        try:
            return await self._call(name)
        except ApiError as refusal:
            return Result(encode_safely(envelope(refusal)).decode(), refused=True)

    async def _call(self, name: str) -> Result | None:
        offered = self.offer.by_tool.get(name)
        if offered is not None:
            if offered not in self.selection.named or not self.selection.opens(offered, self.caller):
                return None
            return await self._asked(args.of_one(offered, self.arguments))
        if name not in _FINDING or not self.selection.finding:
            return None
        if name == SEARCH:
            return self._search()
        if name == DESCRIBE:
            return await self._describe()
        kind = next(kind for kind, tool in CALLS.items() if tool == name)
        if not any(each.kind is kind and self.selection.opens(each, self.caller) for each in self.offer.all):
            return None
        return await self._call_any(kind)

    async def _call_any(self, kind: Effect) -> Result:
        _known(self.arguments, "operationID", "path", "query", args.BODY, args.KEY)
        offered = self._operation()
        if offered.kind is not kind:
            raise ToolArgumentsError(message=f"{offered.operation.id} is called by {CALLS[offered.kind]}.")
        return await self._asked(args.of_any(offered, self.arguments))

    async def _asked(self, asked: Asked) -> Result:
        if asked.takes:
            await self._require_secrets(asked)
        answered = await self.ask(asked)
        status, body = answered.status, answered.body
        returns = asked.operation.returns
        if body and returns is not None and holds_secrets(returns.model):
            body = await asyncio.to_thread(_without_secrets, returns.model, body)
        text = body.decode() if body else f"{status} {HTTPStatus(status).phrase}"
        return Result(text, refused=status >= HTTPStatus.BAD_REQUEST, status=status)

    async def _require_secrets(self, asked: Asked) -> None:
        """Whoever reads null where a secret is must not take it away by sending back what he has read. What has none, or is to be made, loses
        none. Raises ToolArgumentsError.
        """
        path = asked.operation.path
        every = (each.operation for each in self.offer.all)
        get = next((each for each in every if each.verb == "GET" and each.path == path), None)
        if get is None:
            return
        there = await self.ask(Asked(get, asked.path, "", b""))
        if there.status == HTTPStatus.NOT_FOUND:
            return
        known = parse(there.body) if there.status == HTTPStatus.OK else None
        names = [name for name in asked.takes if known is None or known[name]]
        if names:
            raise ToolArgumentsError(
                message=f"{', '.join(names)}: not told here, and this would take it away. Give a value, or change the rest by a PATCH without it."
            )

    def _operation(self) -> Offered:
        given = args.text_of(self.arguments, "operationID")
        found = self.offer.by_id.get(given.casefold())
        if found is None:
            near = self.index.find(given[:LONGEST_SEARCH], lambda _: True)[:3] if given else []
            raise _unknown("operation", [each.operation.id for each in near])
        return found

    def _search(self) -> Result:
        _known(self.arguments, "query", "group", "kind", "limit")
        query = args.text_of(self.arguments, "query")[:LONGEST_SEARCH]
        group, kind, limit = self._group(), self._kind(), self._limit()

        def fits(each: Offered) -> bool:
            return (
                (not group or each.group.casefold() == group)
                and (not kind or each.kind == kind)
                and self.selection.opens(each, self.caller)
            )

        found = self.index.find(query, fits)
        told = {"total": len(found), "operations": [_short(each) for each in found[:limit]]}
        return Result(encode(told).decode())

    def _group(self) -> str:
        """Folded; "" is any."""
        group = args.text_of(self.arguments, "group").replace(" ", "").casefold()
        if group and group not in self.offer.groups:
            near = difflib.get_close_matches(group[:LONGEST_SEARCH], self.offer.groups, n=3, cutoff=0.5)
            raise _unknown("group", [self.offer.groups[each][0].group for each in near])
        return group

    def _kind(self) -> str:
        kind = args.text_of(self.arguments, "kind")
        if kind and kind not in {*Effect}:
            raise ToolArgumentsError(message=f"kind is one of {', '.join(Effect)}.")
        return kind

    def _limit(self) -> int:
        limit = self.arguments.get("limit")
        if limit is None:
            return USUALLY_FOUND
        if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MOST_FOUND:
            raise ToolArgumentsError(message=f"limit has to be a whole number from 1 to {MOST_FOUND}.")
        return limit

    async def _describe(self) -> Result:
        _known(self.arguments, "operationID")
        return Result(await asyncio.to_thread(self.described, self._operation()))

    def described(self, offered: Offered) -> str:
        """An operation, as JSON."""
        operation = offered.operation
        refusal = refusal_of(operation, self.caller)
        facts = {
            **_short(offered),
            "description": operation.description,
            "steps": [*operation.steps],
            "roles": [*operation.roles],
            "open": self.selection.opens(offered, self.caller),
            "refusedWith": "" if refusal is None else refusal.code,
            "path parameters": schemas.parameters(operation, "path") if operation.path_parameters else None,
            "query parameters": schemas.parameters(operation, "query"),
            "body": schemas.body(operation),
            "answer": schemas.answer(operation),
            "errors": sorted({error.code for error in operation.errors}),
        }
        return encode({name: fact for name, fact in facts.items() if fact not in ("", None, [])}).decode()


def _told(page: list[Tool | Offered]) -> list[Tool]:
    return [each if isinstance(each, Tool) else tool_of(each) for each in page]


def _short(offered: Offered) -> dict[str, Any]:
    operation = offered.operation
    return {
        "operationID": operation.id,
        "tool": CALLS[offered.kind],
        "verb": operation.verb,
        "requestPath": mounted(operation.path),
        "summary": operation.summary,
    }


def _unknown(what: str, near: list[str]) -> ToolArgumentsError:
    hint = f" Did you mean {', '.join(near)}?" if near else ""
    return ToolArgumentsError(message=f"There is no such {what}.{hint}")


def _known(arguments: Mapping[str, Any], *names: str) -> None:
    unknown = sorted(arguments.keys() - set(names))
    if unknown:
        raise ToolArgumentsError(
            message=f"This tool takes {', '.join(names)}, and no {', '.join(unknown)[:100]}."
        )


def _without_secrets(model: type[Wire], body: bytes) -> bytes:
    """What is read to an assistant goes to whoever runs its model."""
    return encode(masked(model, parse(body)))
