"""What an assistant may read beside calling: the guides, and what operations and models look like."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from entrepot.http.encoding import encode
from entrepot.http.mcp import schemas
from entrepot.http.mcp.calling import Visit
from entrepot.http.mcp.offered import Offer
from entrepot.http.openapi.schemas import schemas as document_schemas

ROOT = "entrepot://"
GUIDES, OPERATIONS, MODELS = (f"{ROOT}{part}" for part in ("guides", "operations", "models"))
TEMPLATES = {
    f"{OPERATIONS}/{{operationID}}": "An operation: its parameters, body, answer and roles, as describe_operation tells them.",
    f"{MODELS}/{{name}}": "The JSON Schema of a model, as Product.",
}

_FOLDER = Path(__file__).with_name("guides")
"""docs/guide."""
_MARKDOWN, _JSON = "text/markdown", "application/json"


@dataclass(frozen=True, slots=True)
class Resource:
    """What is told of a resource."""

    uri: str
    title: str
    type: str


@cache
def listed() -> tuple[Resource, ...]:
    """All that have an address of their own."""
    return (
        Resource(OPERATIONS, "The operations that your token opens", _JSON),
        Resource(MODELS, "The names of all models", _JSON),
        *(Resource(f"{GUIDES}/{name}", _title(file), _MARKDOWN) for name, file in _guides().items()),
    )


async def read(visit: Visit, models: Models, uri: str) -> tuple[str, str] | None:
    """Type and text of a resource; None where there is none."""
    if uri == OPERATIONS:
        found = [each for each in visit.offer.all if visit.selection.opens(each, visit.caller)]
        return _JSON, encode([[each.operation.id, each.operation.summary] for each in found]).decode()
    if uri == MODELS:
        return _JSON, encode([*await models.known()]).decode()
    folder, _, name = uri.rpartition("/")
    if folder == GUIDES and name in _guides():
        return _MARKDOWN, await asyncio.to_thread(_guides()[name].read_text, "utf-8")
    if folder == OPERATIONS and name.casefold() in visit.offer.by_id:
        offered = visit.offer.by_id[name.casefold()]
        return _JSON, await asyncio.to_thread(visit.described, offered)
    if folder == MODELS and name in await models.known():
        return _JSON, encode(schemas.model(await models.known(), name)).decode()
    return None


class Models:
    """The schemas of all models by name, made in a thread when the first is asked for."""

    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        self._make = make
        self._made: dict[str, Any] | None = None

    @classmethod
    def of(cls, offer: Offer) -> Models:
        """Those of the operations that are offered."""
        return cls(lambda: document_schemas([each.operation for each in offer.all]))

    async def known(self) -> dict[str, Any]:
        if self._made is None:
            self._made = await asyncio.to_thread(self._make)
        return self._made


@cache
def _guides() -> dict[str, Path]:
    return {file.stem: file for file in sorted(_FOLDER.glob("*.md"))}


def _title(file: Path) -> str:
    with file.open(encoding="utf-8") as lines:
        return lines.readline().lstrip("# ").strip()
