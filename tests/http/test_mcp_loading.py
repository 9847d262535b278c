"""Loading what speaks the Model Context Protocol, beside all else that a process does."""

from __future__ import annotations

import asyncio
import sys
from types import ModuleType
from typing import Any

import pytest

from entrepot.http.mcp import endpoint
from entrepot.http.mcp.endpoint import McpEndpoint


async def speak(*_: Any) -> None:
    """In place of the library."""


def endpoint_of_nothing() -> McpEndpoint:
    nothing: Any = None
    return McpEndpoint(nothing, nothing, ())


async def test_others_have_their_turn_often_while_it_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    class Slow(ModuleType):
        @property
        def converse(self) -> Any:
            seen.append(sys.getswitchinterval())
            return speak

    usual = sys.getswitchinterval()
    monkeypatch.setitem(sys.modules, "entrepot.http.mcp.speaking", Slow("speaking"))
    assert await endpoint_of_nothing().library() is speak
    assert seen[0] < usual / 10
    assert sys.getswitchinterval() == usual


async def test_it_is_loaded_once_and_by_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who come meanwhile take no thread that others need."""
    loads = []

    def load() -> Any:
        loads.append(1)
        return speak

    monkeypatch.setattr(endpoint, "_library", load)
    asked = endpoint_of_nothing()
    assert {*await asyncio.gather(*(asked.library() for _ in range(20)))} == {speak}
    assert loads == [1]
