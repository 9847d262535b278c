"""The protocol itself, by its official library: one exchange, from the bytes of a POST to those of its answer.

A server of the library's is made for each exchange and ends with it. The library keeps no sessions then and answers with JSON;
it is loaded when this module is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeAlias, TypeVar

import structlog
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)
from mcp_types import Resource as ResourceTold
from mcp_types import ResourceTemplate as TemplateTold
from mcp_types import Tool as ToolTold

from entrepot import __version__
from entrepot.http.mcp import resources
from entrepot.http.mcp.calling import Visit
from entrepot.http.mcp.tools import Tool, hints

Context: TypeAlias = ServerRequestContext[Any, Any]
Params = TypeVar("Params")
Told = TypeVar("Told")

log = structlog.get_logger("entrepot.mcp")

PAGE = 50
"""Tools of one page."""
STATUS = "entrepot/status"
"""In a result's _meta: the status of the request that the call has made."""

INSTRUCTIONS = (
    "A commerce server that speaks the OrderCloud API: catalogs, products, prices, buyers, users, orders. You act as {user} of"
    " {company} in the marketplace {marketplace}, and see and do what that user may, no more. Find an operation with"
    " search_operations, look at it with describe_operation, and call it with the tool that both name. Guides are resources. An"
    " error is JSON with Errors: each has an ErrorCode and a Message, and Data that says what is wrong."
)


async def converse(
    visit: Visit,
    models: resources.Models,
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Answer one POST, as an ASGI application."""
    manager: Any = StreamableHTTPSessionManager(_server(visit, models), json_response=True, stateless=True)
    async with manager.run():
        await manager.handle_request(scope, receive, send)


def _server(visit: Visit, models: resources.Models) -> Server[Any]:
    async def list_tools(_: Context, params: PaginatedRequestParams | None) -> ListToolsResult:
        start = _place(params)
        tools, more = await visit.tools(start, start + PAGE)
        return ListToolsResult(
            tools=[_told(tool) for tool in tools], next_cursor=str(start + PAGE) if more else None
        )

    async def call_tool(_: Context, params: CallToolRequestParams) -> CallToolResult:
        result = await visit.call(params.name)
        if result is None:
            raise MCPError(INVALID_PARAMS, f"Unknown tool: {params.name[:100]}")
        return CallToolResult(
            content=[TextContent(type="text", text=result.text)],
            is_error=result.refused,
            meta=None if result.status is None else {STATUS: result.status},
        )

    async def list_resources(_: Context, params: PaginatedRequestParams | None) -> ListResourcesResult:
        return ListResourcesResult(
            resources=[
                ResourceTold(
                    uri=each.uri, name=each.uri.rpartition("/")[2], title=each.title, mime_type=each.type
                )
                for each in resources.listed()
            ]
        )

    async def list_templates(
        _: Context, params: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        return ListResourceTemplatesResult(
            resource_templates=[
                TemplateTold(
                    uri_template=template,
                    name=template.split("/")[2],
                    description=text,
                    mime_type="application/json",
                )
                for template, text in resources.TEMPLATES.items()
            ]
        )

    async def read_resource(_: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        found = await resources.read(visit, models, str(params.uri))
        if found is None:
            raise MCPError(INVALID_PARAMS, f"Unknown resource: {str(params.uri)[:100]}")
        kind, text = found
        return ReadResourceResult(contents=[TextResourceContents(uri=params.uri, mime_type=kind, text=text)])

    caller = visit.caller
    return Server(
        "entrepot",
        title="Entrepot",
        version=__version__,
        instructions=INSTRUCTIONS.format(
            user=caller.username, company=caller.company_id, marketplace=caller.marketplace
        ),
        get_tool_input_schema=lambda _: None,
        on_list_tools=_guarded(list_tools),
        on_call_tool=_guarded(call_tool),
        on_list_resources=_guarded(list_resources),
        on_list_resource_templates=_guarded(list_templates),
        on_read_resource=_guarded(read_resource),
    )


def _guarded(
    handler: Callable[[Context, Params], Awaitable[Told]],
) -> Callable[[Context, Params], Awaitable[Told]]:
    """The library would tell the caller the text of any exception."""

    @wraps(handler)
    async def guarded(context: Context, params: Params) -> Told:
        try:
            return await handler(context, params)
        except MCPError:
            raise
        except Exception as error:
            log.exception("unhandled error of a tool", handler=handler.__name__)
            raise MCPError(INTERNAL_ERROR, "Internal error") from error

    return guarded


def _place(params: PaginatedRequestParams | None) -> int:
    cursor = None if params is None else params.cursor
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= 6):
        raise MCPError(INVALID_PARAMS, "Unknown cursor")
    return int(cursor)


def _told(tool: Tool) -> ToolTold:
    return ToolTold(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.schema,
        annotations=ToolAnnotations.model_validate(hints(tool)),
    )
