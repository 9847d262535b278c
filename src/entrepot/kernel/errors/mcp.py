"""Refusals about MCP: who may speak it here, and tools that are not called as they say."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class ForeignOriginError(ApiError):
    """The request comes from a web page of another server, or was sent to another host than this one."""

    code = "Mcp.ForeignOrigin"
    status = 403
    message = "MCP is spoken here with programs, and with pages of the server's own address (base_url)."


class McpQueryError(ApiError):
    """A query parameter of the address that there is not, or that names no tools."""

    code = "Mcp.InvalidQuery"


class ToolArgumentsError(ApiError):
    """Arguments that make no request."""

    code = "Mcp.InvalidArguments"


class AnswerUnfitError(ApiError):
    """What an operation answers is nothing that a tool can hand on."""

    code = "Mcp.AnswerUnfit"
