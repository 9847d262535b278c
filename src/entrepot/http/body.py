"""Request bodies: read up to the limit, and of a type that is parsed as JSON (HTTP-5, ERR-8)."""

from __future__ import annotations

from entrepot.declare.operation import PORTAL_ROOT, Operation
from entrepot.http.request import Request
from entrepot.http.routing import at_host_root
from entrepot.kernel.errors import BodyTooLargeError, InvalidBodyError

VERBS = frozenset({"POST", "PUT", "PATCH"})
PORTAL_FORMS = f"{PORTAL_ROOT}v1/oauth/"
"""What begins the paths of the portal's operations that take forms."""


def refuse_declared(request: Request, limit: int) -> None:
    """Raise BodyTooLargeError for a body that says itself that it is."""
    declared = request.get_header("Content-Length")
    if declared and declared.isdecimal() and (len(declared) > 18 or int(declared) > limit):
        raise BodyTooLargeError(limit)


async def read(request: Request, limit: int) -> bytes:
    """The whole body. Raises BodyTooLargeError before more than `limit` bytes and one chunk are held."""
    refuse_declared(request, limit)
    event = request.first_event
    chunks: list[bytes] = []
    size = 0
    while True:
        chunk: bytes = event.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise BodyTooLargeError(limit)
        chunks.append(chunk)
        if not event.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)
        event = await request.receive()
        if event["type"] == "http.disconnect":
            # A part of a body must not be taken for the whole. Nobody reads this answer.
            raise InvalidBodyError


def check_content_type(operation: Operation, request: Request, body: bytes) -> None:
    """Raise InvalidBodyError for a body of a foreign type. The token endpoint has its own rule (AUTH-3)."""
    takes_forms = at_host_root(operation.path) or operation.path.startswith(PORTAL_FORMS)
    if body and not takes_forms and not is_json(request.content_type):
        raise InvalidBodyError


def is_json(content_type: str | None) -> bool:
    """Whether a body of this type is parsed as JSON: `application/json`, `*+json`, `text/*`, none."""
    if content_type == "application/json" or not content_type:
        return True
    essence = content_type.partition(";")[0].strip().lower()
    return (
        not essence
        or essence == "application/json"
        or essence.endswith("+json")
        or essence.startswith("text/")
    )
