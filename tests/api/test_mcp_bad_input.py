"""MCP: who is turned away at /mcp, and what is said to messages and arguments that are none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from tests.api.assistants import assistant
from tests.api.marketplace import Api, codes, run_server
from tests.http.driver import ask as drive

from entrepot.app.registry import registry
from entrepot.http.mcp import inner
from entrepot.http.mcp.arguments import Asked
from entrepot.http.mcp.endpoint import LIMIT
from entrepot.http.request import Request
from entrepot.kernel.errors import AnswerUnfitError

ACCEPTED = {"Accept": "application/json, text/event-stream"}
MODERN = {"MCP-Protocol-Version": "2026-07-28"}


def message(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def call(tool: str, **arguments: Any) -> dict[str, Any]:
    return message("tools/call", name=tool, arguments=arguments)


async def post(
    api: Api, content: Any, headers: Mapping[str, str] = ACCEPTED, query: str = ""
) -> httpx.Response:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return await api.seller.post(
        f"/mcp{query}", content=raw, headers={"Content-Type": "application/json", **headers}
    )


def error(answer: httpx.Response) -> int:
    """The code of a refusal by the protocol."""
    found: int = answer.json()["error"]["code"]
    return found


def told(answer: httpx.Response) -> tuple[str, str]:
    """Code and message of a tool's error."""
    result = answer.json()["result"]
    assert result["isError"], result
    [refusal] = json.loads(result["content"][0]["text"])["Errors"]
    return refusal["ErrorCode"], refusal["Message"]


# --- who ------------------------------------------------------------------------------------------------------------


async def test_without_a_token_one_is_told_where_to_get_it(api: Api) -> None:
    """401 for any message, before it is read, with the metadata that the protocol's authorization asks for."""
    revoked = await api.user(roles=["FullAccess"])
    token = api.token(revoked, ["FullAccess"])
    assert (
        await api.with_token(token).post("/mcp", json=message("ping"), headers=ACCEPTED)
    ).status_code == 200
    await api.seller.delete(f"/v1/adminusers/{revoked.id}/tokens")
    for seller in (api.http, *map(api.with_token, ("rubbish", api.token(api.admin)[:-3] + "abc", token))):
        for content in (b"", b"{", json.dumps(message("tools/list")).encode(), b"x" * (LIMIT.bytes + 1)):
            answer = await seller.post("/mcp", content=content)
            assert answer.status_code == 401, answer.text
            assert codes(answer)[0] in ("InvalidToken", "Auth.TokenRevoked")
            expected = "http://entrepot.test/.well-known/oauth-protected-resource/mcp"
            assert answer.headers["WWW-Authenticate"] == f'Bearer resource_metadata="{expected}"'
    # Elsewhere a 401 says what it always said.
    assert (await api.http.get("/v1/me")).headers["WWW-Authenticate"] == "Bearer"


async def test_the_metadata_leads_to_the_tokens(api: Api) -> None:
    found = (await api.http.get("/.well-known/oauth-protected-resource/mcp")).json()
    assert found["resource"] == "http://entrepot.test/mcp"
    assert found == (await api.http.get("/.well-known/oauth-protected-resource")).json()
    [issuer] = found["authorization_servers"]
    server = (await api.http.get(f"{issuer}/.well-known/oauth-authorization-server")).json()
    assert server["issuer"] == issuer
    assert {"FullAccess", "ProductReader"} <= {*server["scopes_supported"]}
    assert "authorization_endpoint" not in server
    client = await api.api_client(
        secret="a-secret-of-tests", allow_seller=True, default_context_user=api.admin.key
    )
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": "a-secret-of-tests"}
    granted = await api.http.post(server["token_endpoint"], data={**form, "scope": "FullAccess"})
    assert granted.status_code == 200, granted.text
    assert (await api.http.get(server["jwks_uri"])).status_code == 200
    async with assistant(api.server, granted.json()["access_token"]) as agent:
        assert (await agent.call("call_read", operationID="Me.Get"))["Username"] == "admin"


@pytest.mark.parametrize(
    ("base_url", "host", "origin", "lets_in"),
    [
        ("http://localhost:8080", "localhost:8080", None, True),
        ("http://localhost:8080", "127.0.0.1:9", None, True),
        ("http://localhost:8080", "[::1]:8080", "http://[::1]:8080", True),
        ("http://localhost:8080", "localhost:8080", "http://localhost:6274", True),
        ("http://localhost:8080", "localhost:8080", "http://evil.example", False),
        ("http://localhost:8080", "evil.example:8080", None, False),
        ("http://localhost:8080", "evil.example:8080", "http://evil.example:8080", False),
        ("http://localhost:8080", "localhost.evil.example", None, False),
        ("http://localhost:8080", "", None, False),
        ("http://localhost:8080", "[::1", None, False),
        ("http://localhost:8080", "localhost:8080", "null", False),
        ("http://localhost:8080", "localhost:8080", "http://[::1", False),
        ("https://shop.example", "inner:8080", None, True),
        ("https://shop.example", "shop.example", "https://shop.example", True),
        ("https://shop.example", "shop.example", "http://shop.example", False),
        ("https://shop.example", "shop.example", "https://shop.example.evil.example", False),
        ("https://shop.example", "shop.example", "http://localhost:8080", False),
        ("https://shop.example", "shop.example", "", False),
    ],
)
async def test_pages_of_other_servers_are_turned_away(
    api: Api, base_url: str, host: str, origin: str | None, lets_in: bool
) -> None:
    """Also those whose name was made to lead to this machine. Whoever is let in is asked for a token."""
    settings = replace(api.server.settings, base_url=base_url)
    headers = [("host", host)] + ([] if origin is None else [("origin", origin)])
    async with run_server(settings, api.server.database, api.server.clock) as server:
        answer = await drive(_without_host(server.app), "POST", "/mcp", headers=headers, body=b"{}")
    assert (answer.status, answer.codes) == (
        (401, ["InvalidToken"]) if lets_in else (403, ["Mcp.ForeignOrigin"])
    )


def _without_host(app: Any) -> Any:
    """The driver names a host of its own, before the test's."""

    async def run(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await app({**scope, "headers": scope["headers"][1:]}, receive, send)

    return run


# --- messages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b"\xff\xfe", -32700),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","x":"\\ud800"}', -32700),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\\u0000"}}', -32700),
        (b"[" * 65 + b"]" * 65, -32700),
        (b"9" * 250_000, -32700),
        (b"null", -32600),
        (b"7", -32600),
        (b"{}", -32600),
        (json.dumps([message("ping")]).encode(), -32600),
        (b'{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":true,"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":7}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"result":{}}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}', -32600),
    ],
)
async def test_malformed_messages(api: Api, content: bytes, code: int) -> None:
    for headers in (ACCEPTED, {**ACCEPTED, **MODERN}):
        answer = await post(api, content, headers)
        assert (answer.status_code, error(answer)) == (400, code), answer.text


async def test_messages_that_ask_for_nothing_there_is(api: Api) -> None:
    assert error(await post(api, message("no/such"))) == -32601
    assert error(await post(api, message("prompts/list"))) == -32601
    assert error(await post(api, message("subscriptions/listen", notifications={}))) == -32601
    assert error(await post(api, message("resources/read", uri="file:///etc/passwd"))) == -32602
    for uri in (
        "entrepot://guides/../../settings",
        "entrepot://guides/",
        "entrepot://models/nope",
        "x" * 9000,
    ):
        assert error(await post(api, message("resources/read", uri=uri))) == -32602
    for cursor in ("-1", "1.5", "x", "9999999", "٣", ""):
        assert error(await post(api, message("tools/list", cursor=cursor))) == -32602
    assert (await post(api, message("tools/list", cursor="999999"))).json()["result"]["tools"] == []
    for name in ("nope", "Products_List", "call_Read", "", "x" * 10_000):
        assert error(await post(api, message("tools/call", name=name))) == -32602
    for params in (
        {},
        {"name": 7},
        {"name": "call_read", "arguments": []},
        {"name": "call_read", "arguments": "x"},
    ):
        assert error(await post(api, message("tools/call", **params))) == -32602


@pytest.mark.parametrize("version", ["1999-01-01", "2099-01-01", "x", "2026-07-28 "])
async def test_a_version_that_nobody_speaks(api: Api, version: str) -> None:
    answer = await post(api, message("tools/list"), {**ACCEPTED, "MCP-Protocol-Version": version})
    assert answer.status_code == 400, answer.text
    assert error(answer) in (-32022, -32602, -32600, -32020)


async def test_a_version_that_is_offered_and_not_spoken_is_answered_with_one_that_is(api: Api) -> None:
    asked = {"protocolVersion": "1999-01-01", "capabilities": {}, "clientInfo": {"name": "n", "version": "1"}}
    answer = await post(api, message("initialize", **asked))
    assert answer.json()["result"]["protocolVersion"] == "2025-11-25"
    assert "Mcp-Session-Id" not in answer.headers


async def test_http_that_is_none_of_mcps(api: Api) -> None:
    for verb in ("GET", "PUT", "PATCH", "DELETE"):
        answer = await api.seller.request(verb, "/mcp", headers=ACCEPTED)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST, OPTIONS")
    assert codes(await post(api, message("ping"), {**ACCEPTED, "Content-Type": "image/png"})) == [
        "Request.InvalidRequestBody"
    ]
    assert (await post(api, message("ping"), {"Accept": "text/html"})).status_code == 406
    assert (await post(api, message("ping"), {"Accept": "*/*"})).status_code == 200
    notification = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    for headers in (ACCEPTED, {**ACCEPTED, **MODERN}):
        answer = await post(api, notification, headers)
        assert (answer.status_code, answer.content) == (202, b"")
    # There are no sessions, whatever is said to belong to one.
    stale = {**ACCEPTED, "Mcp-Session-Id": "gone", "MCP-Protocol-Version": "2025-06-18"}
    assert (await post(api, message("ping"), stale)).json() == {"jsonrpc": "2.0", "id": 1, "result": {}}


async def test_what_nobody_waits_for_is_not_done(api: Api) -> None:
    """A call without an ID is a notification, of which there is none that calls."""
    arguments = {"operationID": "Buyers.Create", "body": {"ID": "notified", "Name": "N"}}
    notification = call("call_create", **arguments)
    del notification["id"]
    for headers in (ACCEPTED, {**ACCEPTED, **MODERN}):
        assert (await post(api, notification, headers)).status_code == 202
    assert (await api.seller.get("/v1/buyers/notified")).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        [("mcp-protocol-version", b"\xff\xfe")],
        [("mcp-protocol-version", "2026-07-28"), ("mcp-method", b"\xc3\x28")],
        [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call")],
        [("mcp-protocol-version", "2026-07-28")] * 2,
        [("accept", b"\xff")],
        [("accept", "application/json;q=x, ;;, */")],
        [("content-type", b"application/json\xff")],
        [("content-type", "application/json")] * 2,
        [("mcp-session-id", b"\x01")],
        [("authorization", "Bearer other")],
    ],
)
async def test_headers_that_say_nothing(api: Api, headers: list[tuple[str, str | bytes]]) -> None:
    """None of them ends in an error of the server."""
    raw = json.dumps(message("tools/list")).encode()
    token = api.token(api.admin, ["FullAccess"])
    answer = await drive(api.server.app, "POST", "/mcp", token=token, headers=headers, body=raw)
    assert answer.status in (200, 400, 401, 406)
    assert "x-request-id" in answer.headers


async def test_messages_that_are_too_large(api: Api) -> None:
    """By bytes, by values, and by what is beside the arguments of a tool."""
    large = call("call_create", operationID="Products.Create", body={"Name": "x" * LIMIT.bytes})
    assert codes(await post(api, large)) == ["Request.BodyTooLarge"]
    many = call("call_create", operationID="Products.Create", body={"xp": [1] * LIMIT.values})
    answer = await post(api, many)
    assert (answer.status_code, codes(answer)) == (413, ["Request.BodyTooLarge"])
    for wide in (message("ping", _meta={"x": "y" * 70_000}), message("x" * 70_000), call("x" * 70_000)):
        assert codes(await post(api, wide)) == ["Request.BodyTooLarge"]
    # What an operation takes, a tool takes.
    fitting = call("call_create", operationID="Products.Create", body={"Name": "x" * 1_000_000})
    assert told(await post(api, fitting))[0] == "ValidationFailure"


@pytest.mark.parametrize(
    "query",
    [
        "?tools=nope",
        "?tools=",
        "?tools=find,",
        "?read_only=true",
        "?readonly=yes",
        "?tools=find&tools=all",
        "?x",
        "?READONLY=true",
    ],
)
async def test_addresses_that_choose_nothing(api: Api, query: str) -> None:
    """A misspelt `readonly` does not open everything."""
    answer = await post(api, message("tools/list"), query=query)
    assert (answer.status_code, codes(answer)) == (400, ["Mcp.InvalidQuery"])


# --- arguments ------------------------------------------------------------------------------------------------------

GET = {"operationID": "Buyers.Get"}
LIST = {"operationID": "Buyers.List"}


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("call_read", {}),
        ("call_read", {"operationID": 7}),
        ("call_read", {"operationID": "Buyers"}),
        ("call_read", {"operationID": "x" * 100_000}),
        ("call_read", {"operationID": "Tokens.Create"}),
        ("call_read", {"operationID": "Users.GetAccessToken"}),
        ("call_read", {"operationID": "Buyers.Delete", "path": {"buyerID": "b"}}),
        ("call_change", GET),
        ("call_read", GET),
        ("call_read", {**GET, "path": {}}),
        ("call_read", {**GET, "path": {"buyerID": ""}}),
        ("call_read", {**GET, "path": {"buyerID": None}}),
        ("call_read", {**GET, "path": {"buyerID": ["b"]}}),
        ("call_read", {**GET, "path": {"buyerID": {"a": 1}}}),
        ("call_read", {**GET, "path": {"buyerID": "b", "userID": "u"}}),
        ("call_read", {**GET, "path": "b"}),
        ("call_read", {**GET, "path": {"buyerID": "b"}, "body": {}}),
        ("call_read", {**GET, "buyerID": "b"}),
        ("call_read", {**LIST, "query": ["page"]}),
        ("call_read", {**LIST, "query": {"page": {"a": 1}}}),
        ("call_read", {**LIST, "query": {"sortBy": [["Name"]]}}),
        ("call_read", {**LIST, "query": {"filters": "Name=x"}}),
        ("call_read", {**LIST, "headers": {"Authorization": "Bearer other"}}),
        (
            "call_create",
            {"operationID": "Buyers.Create", "body": {"Name": "B"}, "idempotencyKey": "a\r\nX: y"},
        ),
        ("call_create", {"operationID": "Buyers.Create", "body": {"Name": "B"}, "idempotencyKey": 7}),
        ("search_operations", {"query": 7}),
        ("search_operations", {"kind": "write"}),
        ("search_operations", {"group": "Nope"}),
        ("search_operations", {"limit": 0}),
        ("search_operations", {"limit": 51}),
        ("search_operations", {"limit": True}),
        ("search_operations", {"limit": "5"}),
        ("search_operations", {"words": "x"}),
        ("describe_operation", {}),
        ("describe_operation", {"operationID": "Nope.Nope"}),
        ("describe_operation", {"operationID": "Buyers.Get", "deep": True}),
        ("explain_request", {"username": "admin", "verb": "GET", "path": "/v1/me", "extra": "1"}),
    ],
)
async def test_arguments_that_make_no_request(api: Api, tool: str, arguments: dict[str, Any]) -> None:
    """Errors of the tool, that say what would; nothing was asked of any operation."""
    answer = await post(api, call(tool, **arguments))
    assert answer.status_code == 200
    code, text = told(answer)
    assert code == "Mcp.InvalidArguments"
    assert 10 < len(text) < 400
    assert "_meta" not in answer.json()["result"]


async def test_arguments_that_operations_refuse(api: Api) -> None:
    """By the same checks as ever."""
    for query, code in (
        ({"pageSize": 101}, "List.InvalidPageSize"),
        ({"page": 0}, "List.InvalidPage"),
        ({"Nope": "x"}, "List.InvalidProperty"),
        ({"sortBy": ["Nope"]}, "List.InvalidSortBy"),
    ):
        assert told(await post(api, call("call_read", **LIST, query=query)))[0].startswith("List."), code
    long = call("call_read", **LIST, query={"Name": "x" * 70_000})
    assert told(await post(api, long))[0] == "Request.UrlTooLong"
    injected = call("call_read", **GET, path={"buyerID": "../adminusers?x=y#z"})
    assert told(await post(api, injected))[0] == "NotFound"
    for made_up in ("..", ".", "a\nb", "%2e%2e"):
        assert told(await post(api, call("call_read", **GET, path={"buyerID": made_up})))[0] == "NotFound"


async def test_near_names_are_told(api: Api) -> None:
    _, text = told(await post(api, call("describe_operation", operationID="Product.Patch")))
    assert "Products.Patch" in text
    assert (
        told(await post(api, call("call_change", operationID="Buyers.Get")))[1]
        == "Buyers.Get is called by call_read."
    )
    assert told(await post(api, call("search_operations", group="Product")))[1].startswith(
        "There is no such group. Did you mean Products"
    )
    assert told(await post(api, call("call_read", **GET)))[1] == "The path of Buyers.Get lacks buyerID."


# --- answers --------------------------------------------------------------------------------------------------------


def _outer() -> Request:
    scope = {"headers": [], "asgi": {"version": "3.0"}, "scheme": "http"}
    return cast(Request, SimpleNamespace(scope=scope, id="r"))


def _asked(operation_id: str) -> Asked:
    return Asked(registry().operations[operation_id], "/v1/products", "", b"")


async def test_an_answer_without_end_is_not_waited_for() -> None:
    ended: list[bool] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        try:
            headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    with pytest.raises(AnswerUnfitError, match="as long as it is heard"):
        await inner.ask(application, _outer(), _asked("Products.List"))
    assert ended


@pytest.mark.parametrize(("operation_id", "fits"), [("Products.List", False), ("Products.Create", True)])
async def test_an_answer_that_no_assistant_could_read(operation_id: str, fits: bool) -> None:
    """Of what was done the answer is given, however long."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * (inner.LARGEST + 1)})

    if fits:
        answered = await inner.ask(application, _outer(), _asked(operation_id))
        assert len(answered.body) == inner.LARGEST + 1
    else:
        with pytest.raises(AnswerUnfitError, match="smaller pageSize"):
            await inner.ask(application, _outer(), _asked(operation_id))
