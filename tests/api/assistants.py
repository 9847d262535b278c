"""Assistants: clients of the protocol's own library, which speak to the server in this process."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent, TextResourceContents, Tool
from tests.api.marketplace import Server

MODERN, LEGACY = "auto", "legacy"
"""The two ways in which clients begin: without, and with an exchange of greetings."""


class Assistant:
    """A client, and what tests ask of it."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def tools(self) -> dict[str, Tool]:
        """All pages."""
        found: dict[str, Tool] = {}
        cursor = None
        while True:
            page = await self.client.list_tools(cursor=cursor)
            found |= {tool.name: tool for tool in page.tools}
            cursor = page.next_cursor
            if cursor is None:
                return found

    async def call(self, name: str, **arguments: Any) -> Any:
        """The JSON of a success."""
        result = await self.client.call_tool(name, arguments)
        assert not result.is_error, text_of(result)
        return json.loads(text_of(result))

    async def refused(self, name: str, **arguments: Any) -> Any:
        """The JSON of a tool's error."""
        result = await self.client.call_tool(name, arguments)
        assert result.is_error, text_of(result)
        return json.loads(text_of(result))

    async def refused_with(self, name: str, **arguments: Any) -> str:
        """Its code."""
        errors: list[dict[str, Any]] = (await self.refused(name, **arguments))["Errors"]
        return str(errors[0]["ErrorCode"])

    async def knows_no(self, name: str, **arguments: Any) -> bool:
        """Whether there is no such tool."""
        try:
            await self.client.call_tool(name, arguments)
        except MCPError as error:
            return (error.code, error.message) == (-32602, f"Unknown tool: {name}")
        return False

    async def read(self, uri: str) -> str:
        """The text of a resource."""
        [content] = (await self.client.read_resource(uri)).contents
        assert isinstance(content, TextResourceContents)
        return str(content.text)


def text_of(result: CallToolResult) -> str:
    """What a tool has answered."""
    [content] = result.content
    assert isinstance(content, TextContent)
    return str(content.text)


@asynccontextmanager
async def assistant(
    server: Server, token: str, query: str = "", mode: str = MODERN
) -> AsyncIterator[Assistant]:
    """Whoever holds the token, at /mcp with this query."""
    async with (
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=server.app),
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
        ) as http,
        Client(
            streamable_http_client(f"{server.settings.base_url}/mcp{query}", http_client=http), mode=mode
        ) as client,
    ):
        yield Assistant(client)
