"""Whether an answer is what the OpenAPI document says of its operation."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from jsonschema_rs import Draft202012Validator
from tests.strict.schemas import definitions, translated, with_definitions

from entrepot.app.registry import registry as server_registry
from entrepot.declare.operation import Operation
from entrepot.declare.registry import Registry
from entrepot.http.encoding import HTML, JSON
from entrepot.http.files import BYTES
from entrepot.http.openapi import document
from entrepot.http.routing import Route, Router, mounted, shape
from entrepot.http.streaming import EVENT_STREAM


class WrongAnswerError(AssertionError):
    """An answer that departs from the document; the text says where."""


@dataclass(frozen=True)
class Answer:
    """What a client got. `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Answers:
    """Compares answers with the document. Schemas are compiled once, when the first answer of their operation comes."""

    def __init__(self, registry: Registry) -> None:
        self._document = document(registry, "http://strict.test")
        self._validators: dict[str, Draft202012Validator | None] = {}
        self._router = _router(registry)

    @cached_property
    def _definitions(self) -> dict[str, Any]:
        return definitions(self._document)

    def operation_at(self, scope: Mapping[str, Any]) -> Operation | None:
        """The operation that an ASGI request calls, if it calls one."""
        found = self._router.find(scope["path"], _Asked(scope))
        operation = found and found[0].verbs.get(scope["method"])
        if isinstance(operation, Operation) and operation.verb == scope["method"]:
            return operation
        return None

    def check(self, operation: Operation, answer: Answer) -> None:
        """Raises WrongAnswerError."""
        described = self._document["paths"][operation.path][operation.verb.lower()]["responses"]
        status = str(answer.status)
        if status not in described:
            if answer.status >= 500:
                return
            status = f"{status[0]}XX"
        if status not in described:
            raise WrongAnswerError(
                f"{operation.id} answers {answer.status}, which the document does not know"
            )
        validator = self._validator(operation.id, status, described[status])
        if BYTES in described[status].get("content", {}):
            if answer.headers.get("content-type") != BYTES:
                raise WrongAnswerError(f"{operation.id} answers with {answer.headers.get('content-type')}")
            return
        if validator is None:
            if answer.body:
                raise WrongAnswerError(f"{operation.id} answers {answer.status} with a body: {answer.body!r}")
            return
        if operation.streams and answer.headers.get("content-type") == EVENT_STREAM:
            self._check_events(validator, operation, answer)
            return
        if operation.for_browsers and answer.headers.get("content-type") == HTML:
            return
        if answer.headers.get("content-type") != JSON:
            raise WrongAnswerError(f"{operation.id} answers with {answer.headers.get('content-type')}")
        self._check_value(validator, operation, answer, json.loads(_plain(answer)))

    def _check_events(self, validator: Draft202012Validator, operation: Operation, answer: Answer) -> None:
        """Those of a stream that have no name of their own."""
        for event in answer.body.decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in event.splitlines() if not line.startswith(":"))
            if "data" in lines and "event" not in lines:
                self._check_value(validator, operation, answer, json.loads(lines["data"]))

    def _check_value(
        self, validator: Draft202012Validator, operation: Operation, answer: Answer, value: Any
    ) -> None:
        if not validator.is_valid(value):
            wrong = "; ".join(
                f"{'.'.join(map(str, error.instance_path))}: {error.message}"
                for error in validator.iter_errors(value)
            )
            raise WrongAnswerError(f"{operation.id} answers {answer.status} against the document: {wrong}")

    def _validator(self, operation_id: str, status: str, response: Any) -> Draft202012Validator | None:
        shared = response.get("$ref")
        key = shared or f"{operation_id} {status}"
        if key not in self._validators:
            if shared:
                response = self._document["components"]["responses"][shared.rpartition("/")[2]]
            content = response.get("content")
            schema = (content or {}).get("application/json") or (content or {}).get("text/event-stream")
            self._validators[key] = schema and self._compiled(schema["schema"])
        return self._validators[key]

    def _compiled(self, schema: dict[str, Any]) -> Draft202012Validator:
        whole = with_definitions(translated(schema), self._definitions)
        return Draft202012Validator(whole, validate_formats=True)


@cache
def answers() -> Answers:
    """The server's."""
    return Answers(server_registry())


@dataclass(frozen=True)
class _Asked:
    """What a router asks of a request."""

    scope: Mapping[str, Any]


def _router(registry: Registry) -> Router:
    """The server's router, with operations in the place of responders."""
    routes: dict[str, Route] = {}
    for operation in registry.operations.values():
        path = shape(mounted(operation.path))
        routes.setdefault(path, Route(path)).add(operation.verb, operation)  # type: ignore[arg-type]
    router = Router()
    for route in routes.values():
        router.add_route(route.template, route)
    return router


def _plain(answer: Answer) -> bytes:
    return gzip.decompress(answer.body) if answer.headers.get("content-encoding") == "gzip" else answer.body
