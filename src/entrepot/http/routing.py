"""Routes: case-insensitive literals, and segments that are decoded one by one (CONV-8)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import falcon
from falcon.asgi import Response
from falcon.routing import map_http_methods

from entrepot.declare.operation import OWN_ROOT, PORTAL_ROOT, Created, Operation
from entrepot.http.request import Request
from entrepot.kernel.errors import MethodNotAllowedError

Responder = Callable[..., Awaitable[None]]

API_ROOT = "/v1"
_LOOKALIKES = str.maketrans({letter: quote(letter) for letter in "\u212a\u0130"})
"""What has a letter of ASCII for its lower case: k, and i with a dot, which it loses in Turkish."""
AT_HOST_ROOT = ("/oauth/", "/ocrplogin", "/ocrpcode")
"""Operations whose paths start so are not below /v1 (AUTH-1)."""


def at_host_root(path: str) -> bool:
    return path.startswith(AT_HOST_ROOT) or path == "/oauth"


def mounted(path: str) -> str:
    """Where an operation's path stands on the host: below /v1, but for those of AUTH-1, the server's own and the portal's."""
    return path if at_host_root(path) or path.startswith((OWN_ROOT, PORTAL_ROOT)) else API_ROOT + path


def location(operation: Operation, created: Created) -> str:
    """The path of what an operation has made, percent-encoded."""
    path = operation.path if created.below is None else created.below
    for name, value in created.parents.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return f"{mounted(path)}/{quote(created.id, safe='')}"


def ascii_id(segment: str) -> str:
    """An ID of the path, in which no letter beyond ASCII spells one of ASCII: those that do so to Python and to databases stay
    as they were sent, percent-encoded, and the ID names nothing.
    """
    return segment if segment.isascii() else segment.translate(_LOOKALIKES)


class Methods(dict[str, Responder]):
    """The responders of one path. A verb that is not here, known to Falcon or not, is refused with 405."""

    def __missing__(self, verb: str) -> Responder:
        return self["WEBSOCKET"]


class Route:
    """All verbs of one path shape. GET answers HEAD too.

    template: as of `shape`.
    """

    def __init__(self, template: str) -> None:
        self.template = template
        self.verbs: dict[str, Responder] = {}

    def add(self, verb: str, responder: Responder) -> None:
        self.verbs[verb] = responder

    def methods(self) -> Methods:
        methods = Methods(self.verbs)
        if "GET" in methods:
            methods.setdefault("HEAD", methods["GET"])
        allowed = (*sorted(methods), "OPTIONS")

        async def options(req: Request, resp: Response, **_: Any) -> None:
            resp.status = falcon.HTTP_204
            resp.set_header("Allow", ", ".join(allowed))

        async def refuse(req: Request, resp: Response, **_: Any) -> None:
            raise MethodNotAllowedError(req.method, allowed)

        methods["OPTIONS"] = options
        for verb in falcon.COMBINED_METHODS:
            methods.setdefault(verb, refuse)
        methods["WEBSOCKET"] = refuse
        return methods


def shape(path: str) -> str:
    """The router's template of a path: folded literals, parameters named by position, since operations that share a path may
    name them otherwise.
    """
    return "/".join(
        f"{{p{index}}}" if part.startswith("{") else part.lower()
        for index, part in enumerate(path.split("/"))
    )


@lru_cache(maxsize=4096)
def parameter_places(path: str) -> tuple[tuple[str, int], ...]:
    """The name of each path parameter and the index of its segment."""
    return tuple((part[1:-1], index) for index, part in enumerate(path.split("/")) if part.startswith("{"))


class RouteNode:
    """What a path has led to so far, and what its next segment may be."""

    __slots__ = ("literals", "parameter", "route")

    def __init__(self) -> None:
        self.literals: dict[str, RouteNode] = {}
        self.parameter: RouteNode | None = None
        self.route: tuple[Route, Methods] | None = None

    def below(self, part: str) -> RouteNode:
        """Of a segment of a template; made where it is new."""
        if not part.startswith("{"):
            return self.literals.setdefault(part, RouteNode())
        self.parameter = self.parameter or RouteNode()
        return self.parameter

    def find(self, parts: list[str], at: int) -> tuple[Route, Methods] | None:
        """The route of the folded segments from `at` on. A literal goes before a parameter, unless it leads nowhere."""
        if at == len(parts):
            return self.route
        literal = self.literals.get(parts[at])
        if literal is not None:
            found = literal.find(parts, at + 1)
            if found is not None:
                return found
        return None if self.parameter is None else self.parameter.find(parts, at + 1)


class Router:
    """A tree of the segments of all routes, in place of Falcon's router; responders get `segments`, decoded and with their case
    as sent.

    Falcon's own compares a path with the literals of each level one after another, of which there are 40 below /v1.
    """

    def __init__(self) -> None:
        self._root = RouteNode()
        self._whole: dict[str, Any] = {}
        """What is found by paths without parameters, as they are spelled here: literals go before parameters."""

    def add_route(self, uri_template: str, resource: object, **_: Any) -> None:
        route = resource if isinstance(resource, Route) else _plain_route(uri_template, resource)
        place = self._root
        for part in _parts(route.template):
            place = place.below(part)
        place.route = route, route.methods()
        if "{" not in route.template:
            self._whole[route.template] = *place.route, {"segments": []}, route.template

    def find(self, uri: str, req: Any = None) -> Any:
        """As Falcon wants it: resource, responders by verb, arguments of the responder, template; None where there is no route."""
        raw: bytes | None = None if req is None else req.scope.get("raw_path")
        if raw is not None and b"%" in raw:
            segments = _decoded(raw)
            if segments is None:
                return None
            folded = _folded(segments)
        else:
            whole = self._whole.get(uri)
            if whole is not None:
                return whole
            segments = uri.split("/")
            folded = _lower(uri)
        # An empty segment names nothing.
        if "//" in folded or folded[:1] != "/":
            return None
        found = self._root.find(_parts(folded), 0)
        if found is None:
            return None
        route, methods = found
        return route, methods, {"segments": segments}, route.template


@dataclass(frozen=True, slots=True)
class Led:
    """Where a path leads: `operation` is None where no operation of the verb is there, but of the verbs `allowed`."""

    operation: Operation | None
    allowed: tuple[str, ...]
    parameters: Mapping[str, str]


def leading(operations: Iterable[Operation]) -> Callable[[str, str], Led | None]:
    """Tells where a verb and a percent-encoded path without its query would lead a request among these operations; None: nowhere."""
    router, there = Router(), dict[str, dict[str, Operation]]()
    for operation in operations:
        there.setdefault(shape(mounted(operation.path)), {})[operation.verb] = operation
    for template in there:
        router.add_route(template, Route(template))

    def lead(verb: str, path: str) -> Led | None:
        found = router.find(path, _Asked({"raw_path": path.encode()}))
        if found is None:
            return None
        _, _, arguments, template = found
        verbs, segments = there[template], arguments["segments"]
        operation = verbs.get("GET" if verb == "HEAD" else verb)
        named = () if operation is None else parameter_places(mounted(operation.path))
        return Led(operation, (*sorted(verbs),), {name: segments[index] for name, index in named})

    return lead


@dataclass(frozen=True, slots=True)
class _Asked:
    """All that the router takes of a request."""

    scope: Mapping[str, bytes]


def _parts(path: str) -> list[str]:
    """The segments of a path, whose last slash is none."""
    return path.strip("/").split("/")


def _decoded(raw_path: bytes) -> list[str] | None:
    """The segments of a percent-encoded path; None if one is no text that an ID could be (UTF-8 without NUL)."""
    try:
        segments = [unquote_to_bytes(part).decode() for part in raw_path.partition(b"?")[0].split(b"/")]
    except UnicodeDecodeError:
        return None
    return None if any("\0" in segment for segment in segments) else segments


def _folded(segments: list[str]) -> str:
    # A decoded slash belongs to its segment: it must neither split it nor meet a literal.
    return _lower("/".join(part.replace("/", "\N{REPLACEMENT CHARACTER}") for part in segments))


def _lower(path: str) -> str:
    """Of ASCII alone: no other letter is a spelling of one in a literal."""
    return path.lower() if path.isascii() else path.encode().lower().decode()


def _plain_route(path: str, resource: object) -> Route:
    """The route of a plain Falcon resource, whose responders take the path parameters by name."""
    places = parameter_places(path)
    route = Route(shape(path))
    for verb, responder in map_http_methods(resource).items():
        route.add(verb, _with_names(responder, places))
    return route


def _with_names(responder: Any, places: tuple[tuple[str, int], ...]) -> Responder:
    async def respond(req: Request, resp: Response, segments: list[str], **_: Any) -> None:
        await responder(req, resp, **{name: segments[index] for name, index in places})

    return respond
