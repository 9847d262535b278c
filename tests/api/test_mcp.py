"""MCP at /mcp: operations as tools, for whom a token stands."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from mcp import MCPError
from tests.api.assistants import LEGACY, MODERN, assistant, text_of
from tests.api.marketplace import Api, run_server
from tests.api.test_access_token import configure, impersonate
from tests.api.test_request_log import items, logging
from tests.api.uniform.subjects import checked

from entrepot.app.registry import registry
from entrepot.declare.operation import Unit
from entrepot.declare.wire import Wire
from entrepot.engine.authorization import refusal_of
from entrepot.engine.principal import Principal
from entrepot.http.mcp.calling import Visit
from entrepot.http.mcp.offered import LEFT_OUT, Effect, Offer
from entrepot.http.mcp.schemas import answer
from entrepot.http.mcp.tools import hints, tool_of
from entrepot.http.openapi.schemas import schemas
from entrepot.kernel.ids import new_id
from entrepot.kernel.user_types import UserType

FINDING = ["search_operations", "describe_operation"]
CALLING = ["call_read", "call_create", "call_change", "call_delete"]
EXPLAINING = ["explain_request", "explain_product", "explain_promotions"]
GUIDES = Path(__file__).parents[2] / "docs/guide"


def full(api: Api) -> str:
    return api.token(api.admin, ["FullAccess"])


def hints_of(tool: Any) -> tuple[bool, bool, bool]:
    found = tool.annotations
    return found.read_only_hint, found.destructive_hint, found.idempotent_hint


# --- what is there ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "version"), [(MODERN, "2026-07-28"), (LEGACY, "2025-11-25")])
async def test_an_administrator_finds_and_calls_anything(api: Api, mode: str, version: str) -> None:
    """Nine tools stand for all operations; hints say which of them a host may let an assistant use without asking."""
    async with assistant(api.server, full(api), mode=mode) as agent:
        assert agent.client.protocol_version == version
        tools = await agent.tools()
        assert [*tools] == [*FINDING, *CALLING, *EXPLAINING]
        assert {name: hints_of(tool) for name, tool in tools.items()} == {
            **dict.fromkeys([*FINDING, "call_read", *EXPLAINING], (True, False, True)),
            "call_create": (False, False, False),
            "call_change": (False, True, False),
            "call_delete": (False, True, True),
        }
        found = await agent.call("search_operations", query="cancelling an order", kind="change", limit=1)
        assert [each["operationID"] for each in found["operations"]] == ["Orders.Cancel"]
        nothing = {"kind": None, "group": None, "limit": None}
        assert len((await agent.call("search_operations", query="product", **nothing))["operations"]) == 15
        told = await agent.call("describe_operation", operationID="orders.cancel")
        assert (told["tool"], told["verb"], told["open"]) == ("call_change", "POST", True)
        assert told["requestPath"] == "/v1/orders/{direction}/{orderID}/cancel"
        instructions = agent.client.instructions
        assert instructions is not None
        assert f"You act as admin of {api.marketplace} in the marketplace {api.marketplace}" in instructions


async def test_who_may_only_read_gets_tools_that_read(api: Api) -> None:
    """By the roles of the token; what it does not open is found by nobody, called by no tool and described as closed."""
    reader = api.token(api.admin, ["ProductReader"])
    async with assistant(api.server, reader) as agent:
        assert [*await agent.tools()] == [*FINDING, "call_read"]
        assert all([await agent.knows_no(name) for name in (*CALLING[1:], *EXPLAINING)])
        found = await agent.call("search_operations", query="product", limit=50)
        assert {each["tool"] for each in found["operations"]} == {"call_read"}
        assert {"Products.List", "Products.Get"} <= {each["operationID"] for each in found["operations"]}
        assert (await agent.call("search_operations", group="Buyers"))["total"] == 0
        told = await agent.call("describe_operation", operationID="Products.Create")
        assert (told["open"], told["refusedWith"], told["roles"]) == (
            False,
            "Auth.InsufficientRoles",
            ["FullAccess", "ProductAdmin"],
        )
        assert await agent.refused_with("call_read", operationID="Buyers.List") == "Auth.InsufficientRoles"
        assert await agent.refused_with("call_read", operationID="Products.Create") == "Mcp.InvalidArguments"
    async with assistant(api.server, reader, "?tools=Products") as agent:
        assert {"Products_List", "Products_Get"} <= {*await agent.tools()}
        assert {hints_of(tool) for tool in (await agent.tools()).values()} == {(True, False, True)}
        assert await agent.knows_no("Products_Create", body={"Name": "P"})


async def test_readonly_is_asked_for_whatever_the_token_opens(api: Api) -> None:
    async with assistant(api.server, full(api), "?readonly=true") as agent:
        assert [*await agent.tools()] == [*FINDING, "call_read", *EXPLAINING]
        assert await agent.knows_no("call_delete", operationID="Buyers.Delete", path={"buyerID": "b"})
        assert not (await agent.call("describe_operation", operationID="Buyers.Delete"))["open"]
    async with assistant(api.server, full(api), "?tools=Buyers.Delete,Buyers.Get&readonly=True") as agent:
        assert [*await agent.tools()] == ["Buyers_Get"]
        assert await agent.knows_no("Buyers_Delete", buyerID="b")


async def test_operations_are_tools_where_they_are_asked_for(api: Api) -> None:
    """By group and by ID, in the order of the address; only those can be called then."""
    async with assistant(api.server, full(api), "?tools=orders.get,Locales,find") as agent:
        tools = await agent.tools()
        assert [*tools][:6] == [*FINDING, *CALLING]
        assert "Orders_Get" in tools
        assert {name.partition("_")[0] for name in [*tools][6:]} == {"Orders", "Locales"}
        assert await agent.knows_no("explain_request", path="/v1/me")
    async with assistant(api.server, full(api), "?tools=Locales") as agent:
        assert await agent.knows_no("call_read", operationID="Locales.List")
        made = await agent.call("Locales_Create", body={"Currency": "EUR", "Language": "de-DE"})
        assert await agent.call("Locales_Get", localeID=made["ID"]) == made
        listed = await agent.call("Locales_List", pageSize=1, filters={"Currency": "EUR"})
        assert [each["ID"] for each in listed["Items"]] == [made["ID"]]


async def test_all_operations_are_tools(api: Api) -> None:
    """Each that a token opens, and no other; none hands out a token or a secret."""
    offer = Offer(registry().operations.values())
    assert {*registry().operations} >= LEFT_OUT
    for roles in (["FullAccess"], ["Shopper", "OrderReader"]):
        caller = Principal(
            marketplace_id=1, marketplace="m", user_key=1, user_id="u", username="u", user_type=UserType.SELLER,
            company_id="m", client_id="c", roles=frozenset(roles), epoch=1,
        )  # fmt: skip
        opened = [each.tool for each in offer.all if refusal_of(each.operation, caller) is None]
        async with assistant(api.server, api.token(api.admin, roles), "?tools=all") as agent:
            assert [*await agent.tools()] == opened
    named = {each.operation.id for each in offer.all}
    assert named == {
        name
        for name, operation in registry().operations.items()
        if not operation.public
        and name
        not in LEFT_OUT | {"ApiClients.CreateSecret", "Snapshots.Export", "Snapshots.Import", "Events.Listen"}
    }


def test_every_operation_can_be_described() -> None:
    """With the schema of its answer, in which nothing stands that would let an assistant call as somebody."""
    for each in Offer(registry().operations.values()).all:
        told = set(_properties(answer(each.operation)))
        assert not told & {"AccessToken", "access_token", "refresh_token"}, each.operation.id


def _properties(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _properties(part)


async def test_what_went_wrong_within_is_told_to_nobody(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the text of an exception nor where it was raised."""

    def broken(*_: Any) -> str:
        raise KeyError("what nobody is to know")

    monkeypatch.setattr(Visit, "described", broken)
    async with assistant(api.server, full(api)) as agent:
        for asked in (
            agent.client.call_tool("describe_operation", {"operationID": "Products.Get"}),
            agent.client.read_resource("entrepot://operations/Products.Get"),
        ):
            with pytest.raises(MCPError) as caught:
                await asked
            assert (caught.value.code, caught.value.message) == (-32603, "Internal error")


def test_kinds_follow_from_the_declarations() -> None:
    """What writes is never told as reading, nor what touches what is there as harmless."""
    offer = Offer(registry().operations.values())
    for each in offer.all:
        operation = each.operation
        assert (each.kind is Effect.READ) == (operation.verb == "GET" or operation.unit is Unit.READ), (
            operation.id
        )
        if each.kind is Effect.CREATE:
            assert (operation.verb, operation.status) == ("POST", 201), operation.id
            assert ".Create" in operation.id, operation.id
        if operation.verb == "DELETE":
            assert each.kind is Effect.DELETE
        hint = hints(tool_of(each))
        assert hint["idempotentHint"] == (operation.verb != "POST" or each.kind is Effect.READ), operation.id
    posts = {
        each.operation.id for each in offer.all if each.operation.verb == "POST" and each.kind is Effect.READ
    }
    assert posts >= {"Expressions.Check", "Orders.Validate", "Cart.Validate"}
    made = {each.operation.id for each in offer.all if each.kind is Effect.CREATE}
    assert made >= {"Products.Create", "Orders.Create", "LineItems.Create", "Me.CreateAddress"}
    assert made.isdisjoint(
        {"Orders.Submit", "Orders.Cancel", "Products.GenerateVariants", "OrderReturns.Cancel"}
    )


def test_every_tool_has_a_name_of_its_own_and_a_schema_that_holds() -> None:
    offer = Offer(registry().operations.values())
    tools = [tool_of(each) for each in offer.all]
    assert max(Counter(tool.name for tool in tools).values()) == 1
    for tool in tools:
        assert tool.name.replace("_", "").isalnum(), tool.name
        assert len(tool.name) <= 64
        Draft202012Validator(tool.schema)
    # What only the server writes is nobody's to send.
    [create] = [tool for tool in tools if tool.name == "Products_Create"]
    assert "DateCreated" not in create.schema["$defs"]["Product"]["properties"]
    assert "Name" in create.schema["$defs"]["Product"]["properties"]


def test_no_tool_tells_what_opens_something() -> None:
    """What an operation makes to open something is no tool's to show, whatever operation that may come to be."""
    offer = Offer(registry().operations.values())
    assert "apiclients.createsecret" not in offer.by_id
    for each in offer.all:
        returns = each.operation.returns
        columns = {} if returns is None else returns.model.__columns__
        opening = {name for name, column in columns.items() if column.confidential and column.read_only}
        assert opening == set(), each.operation.id


async def test_secrets_are_masked(api: Api) -> None:
    """By their declarations, whichever operation answers: of one thing, of a list, within others; over HTTP they are there."""
    secret = new_id() + new_id()
    made = await checked(
        api.seller.post(
            "/v1/apiclients", json={"AppName": "Masked", "AccessTokenDuration": 60, "ClientSecret": secret}
        ),
        201,
    )
    client = made.json()["ID"]
    hook = {
        "ID": new_id(),
        "Name": "Masked",
        "Url": "https://example.com/hook",
        "HashKey": secret,
        "WebhookRoutes": [],
    }
    await checked(api.seller.post("/v1/webhooks", json=hook), 201)
    assert secret in (await api.seller.get(f"/v1/webhooks/{hook['ID']}")).text
    async with assistant(api.server, full(api), "?tools=find,Webhooks") as agent:
        for tool, arguments in (
            ("Webhooks_Get", {"webhookID": hook["ID"]}),
            ("Webhooks_List", {}),
            ("Webhooks_Patch", {"webhookID": hook["ID"], "body": {"Description": "Seen", "HashKey": secret}}),
            ("call_read", {"operationID": "ApiClients.Get", "path": {"apiClientID": client}}),
            ("call_read", {"operationID": "ApiClients.List"}),
            (
                "call_create",
                {
                    "operationID": "ApiClients.Create",
                    "body": {"AppName": "More", "AccessTokenDuration": 60, "ClientSecret": secret},
                },
            ),
        ):
            told = json.dumps(await agent.call(tool, **arguments))
            assert secret not in told, tool
            assert '"HashKey": null' in told or '"ClientSecret": null' in told, tool
    kept = (await api.seller.get(f"/v1/webhooks/{hook['ID']}")).json()
    assert (kept["HashKey"], kept["Description"]) == (secret, "Seen")


async def test_what_is_read_and_sent_back_takes_no_secret_away(api: Api) -> None:
    """A secret is null in what an assistant reads: it stays, whether that is sent back by PUT or PATCH, in any spelling."""
    secret = new_id() + new_id()
    hook = {"ID": new_id(), "Name": "Kept", "Url": "https://example.com/hook", "WebhookRoutes": []}
    path = f"/v1/webhooks/{hook['ID']}"
    await checked(api.seller.post("/v1/webhooks", json=hook | {"HashKey": secret}), 201)
    async with assistant(api.server, full(api), "?tools=find,Webhooks") as agent:
        read = await agent.call("Webhooks_Get", webhookID=hook["ID"])
        assert read["HashKey"] is None
        for tool, body in (
            ("Webhooks_Save", read),
            ("Webhooks_Save", hook),
            ("Webhooks_Save", None),
            ("Webhooks_Patch", read),
            ("Webhooks_Patch", {"hashkey": None}),
        ):
            answer = await agent.refused(tool, webhookID=hook["ID"], body=body)
            [error] = answer["Errors"]
            assert (error["ErrorCode"], error["Message"].split(":")[0]) == ("Mcp.InvalidArguments", "HashKey")
            asked = {"operationID": tool.replace("_", "."), "path": {"webhookID": hook["ID"]}, "body": body}
            assert await agent.refused("call_change", **asked) == answer
        assert (await api.seller.get(path)).json()["HashKey"] == secret
        changed = {"webhookID": hook["ID"], "body": {"Name": "Changed"}}
        assert (await agent.call("Webhooks_Patch", **changed))["Name"] == "Changed"
        assert (await api.seller.get(path)).json()["HashKey"] == secret
        await agent.call("Webhooks_Save", webhookID=hook["ID"], body=read | {"HashKey": secret[::-1]})
        assert (await api.seller.get(path)).json()["HashKey"] == secret[::-1]


async def test_what_has_no_secret_is_changed_as_it_was_read(api: Api) -> None:
    """None goes with it, nor with what is to be made."""
    body = {"AppName": "Open", "Active": True, "AccessTokenDuration": 60}
    client = (await checked(api.seller.post("/v1/apiclients", json=body), 201)).json()
    new = {"webhookID": new_id(), "body": {"Name": "New"}}
    async with assistant(api.server, full(api), "?tools=ApiClients,Webhooks") as agent:
        read = await agent.call("ApiClients_Get", apiClientID=client["ID"])
        changed = {"apiClientID": client["ID"], "body": read | {"AppName": "Renamed"}}
        assert (await agent.call("ApiClients_Save", **changed))["AppName"] == "Renamed"
        refused = await agent.refused("Webhooks_Save", **new)
        assert [each["ErrorCode"] for each in refused["Errors"]] == ["Webhook.UrlSchemeHttps"]


def test_no_secret_that_is_shown_stands_deeper_than_a_bodys_first_level() -> None:
    """Deeper ones would be taken away by what an assistant sends back."""
    for operation in registry().operations.values():
        if operation.body is not None:
            assert not [*shown_below(operation.body.model)], operation.id


def shown_below(model: type[Wire], below: bool = False) -> Iterator[str]:
    for name, column in model.__columns__.items():
        inner = column.type.item.model if column.type.item is not None else column.type.model
        if below and column.is_secret and not column.write_only:
            yield name
        elif inner is not None:
            yield from shown_below(inner, below=True)


# --- what is done -------------------------------------------------------------------------------------------------


async def test_calls_take_the_way_of_requests(api: Api) -> None:
    """Validated, done, logged under the request's ID, and answered as over HTTP: numbers to the last digit."""
    product = new_id()
    body = {"ID": product, "Name": "Schuh äöü", "xp": {"Weight": 0.1, "a/b": [1, {"c": None}]}}
    async with assistant(api.server, full(api)) as agent:
        made = await agent.call("call_create", operationID="Products.Create", body=body)
        assert made["xp"] == body["xp"]
        path = {"productID": product}
        changed = await agent.call(
            "call_change", operationID="Products.Patch", path=path, body={"Name": "Shoe"}
        )
        assert changed["Name"] == "Shoe"
        read = await agent.call("call_read", operationID="Products.Get", path=path)
        assert read == (await api.seller.get(f"/v1/products/{product}")).json()
        listed = await agent.call(
            "call_read",
            operationID="Products.List",
            query={
                "ID": product,
                "pageSize": 5,
                "searchOn": ["ID", "Name"],
                "search": "shoe",
                "sortBy": None,
            },
        )
        assert [each["ID"] for each in listed["Items"]] == [product]
        filtered = {"filters": {"ID": product, "Name": "!Shoe"}}
        listed = await agent.call("call_read", operationID="Products.List", query=filtered)
        assert listed["Items"] == []
        done = await agent.client.call_tool("call_delete", {"operationID": "Products.Delete", "path": path})
        assert (text_of(done), done.is_error) == ("204 No Content", False)
        assert done.meta is not None
        assert done.meta["entrepot/status"] == 204
    assert (await api.seller.get(f"/v1/products/{product}")).status_code == 404


async def test_numbers_stay_exact(api: Api) -> None:
    """No binary number comes between, neither on the way to the operation nor back."""
    number = "12345678901234567890.000000000000000000001"
    body = {"Name": "Exact", "xp": {"n": "N"}}
    params = {"name": "call_create", "arguments": {"operationID": "Products.Create", "body": body}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    raw = json.dumps(call).replace('"N"', number)
    answer = await api.seller.post("/mcp", content=raw, headers={"Accept": "application/json"})
    assert f'"n":{number}' in answer.json()["result"]["content"][0]["text"].replace(" ", "")


async def test_errors_are_those_of_the_operation(api: Api) -> None:
    async with assistant(api.server, full(api)) as agent:
        path = {"buyerID": "a b/c%ü"}
        refused = await agent.refused("call_read", operationID="Buyers.Get", path=path)
        assert refused == (await api.seller.get("/v1/buyers/a%20b%2Fc%25%C3%BC")).json()
        assert refused["Errors"][0]["Data"] == {"ObjectType": "Buyer", "ObjectID": path["buyerID"]}
        body = {"Name": "x" * 101, "Active": "maybe"}
        refused = await agent.refused("call_create", operationID="Buyers.Create", body=body)
        assert refused == (await api.seller.post("/v1/buyers", json=body)).json()
        assert (
            await agent.refused_with("call_create", operationID="Buyers.Create")
            == "Request.InvalidRequestBody"
        )


async def test_calls_stand_in_the_log_of_requests(api: Api) -> None:
    """As those that they are, under the ID of the exchange."""
    request_id = new_id()
    arguments = {"operationID": "Buyers.Get", "path": {"buyerID": "nobody"}}
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "call_read", "arguments": arguments},
    }
    headers = {"Accept": "application/json", "X-Request-ID": request_id}
    async with logging(api) as server:
        answer = await api.with_token(full(api), server).post("/mcp", json=call, headers=headers)
        assert (answer.status_code, answer.headers["X-Request-ID"]) == (200, request_id)
    found = await items(api, f"LogID={request_id}")
    assert [(each["Operation"], each["Status"], each["Path"], each["UserID"]) for each in found] == [
        ("Buyers.Get", 404, "/v1/buyers/nobody", "admin")
    ]


async def test_a_key_lets_a_call_be_sent_again(api: Api) -> None:
    key = new_id()
    async with assistant(api.server, full(api), "?tools=find,Buyers") as agent:
        given = {"body": {"Name": "Once", "Active": True}, "idempotencyKey": key}
        made = await agent.call("Buyers_Create", **given)
        assert await agent.call("call_create", operationID="Buyers.Create", **given) == made
        other = {**given, "body": {"Name": "Twice", "Active": True}}
        assert await agent.refused_with("Buyers_Create", **other) == "Idempotency.OtherRequest"


async def test_faults_meet_calls(api: Api) -> None:
    fault = {"OperationID": "Catalogs.List", "Status": 503, "ErrorCode": "Api.Offline", "Remaining": 1}
    made = (await api.seller.post("/entrepot/v1/faults", json=fault)).json()
    async with assistant(api.server, full(api)) as agent:
        refused = await agent.refused("call_read", operationID="Catalogs.List")
        assert (refused["Errors"][0]["ErrorCode"], refused["Errors"][0]["Data"]["FaultID"]) == (
            "Api.Offline",
            made["ID"],
        )
        assert "Items" in await agent.call("call_read", operationID="Catalogs.List")


async def test_explanations_are_tools(api: Api) -> None:
    async with assistant(api.server, full(api)) as agent:
        told = await agent.call("explain_request", username="admin", verb="GET", path="/v1/buyers")
        assert told["Steps"]
        assert await agent.refused_with("explain_request", verbs="GET") == "Mcp.InvalidArguments"


# --- who sees what ------------------------------------------------------------------------------------------------


async def test_a_shopper_sees_what_he_sees(api: Api) -> None:
    """A token of a buyer's user opens his own view, of products that are meant for him alone."""
    buyer, catalog, seen, unseen = await api.buyer(), new_id(), new_id(), new_id()
    shopper = await api.user(buyer=buyer)
    for product in (seen, unseen):
        await api.seller.post("/v1/products", json={"ID": product, "Name": "P", "Active": True})
    await api.seller.post("/v1/catalogs", json={"ID": catalog, "Name": "C", "Active": True})
    await api.seller.post("/v1/catalogs/assignments", json={
        "CatalogID": catalog, "BuyerID": buyer, "ViewAllProducts": True, "ViewAllCategories": True,
    })  # fmt: skip
    await api.seller.post("/v1/catalogs/productassignments", json={"CatalogID": catalog, "ProductID": seen})
    async with assistant(api.server, api.token(shopper, ["Shopper"])) as agent:
        listed = await agent.call("call_read", operationID="Me.ListProducts")
        assert [each["ID"] for each in listed["Items"]] == [seen]
        path = {"productID": unseen}
        assert await agent.refused_with("call_read", operationID="Me.GetProduct", path=path) == "NotFound"
        assert await agent.refused_with("call_read", operationID="Products.List") == "Auth.InsufficientRoles"
        assert (await agent.call("search_operations", group="Products"))["total"] == 0
        assert all([await agent.knows_no(name) for name in EXPLAINING])


async def test_an_impersonated_user_is_who_acts(api: Api) -> None:
    buyer = await api.buyer()
    shopper = await api.user(buyer=buyer)
    await configure(api, "mcp-impersonated", ["MeAdmin"], BuyerID=buyer)
    answer = await impersonate(api, api.admin, shopper)
    async with assistant(api.server, answer.json()["access_token"]) as agent:
        assert (await agent.call("call_read", operationID="Me.Get"))["ID"] == shopper.id
        await agent.call("call_change", operationID="Me.Patch", body={"FirstName": "Changed"})
        assert await agent.refused_with("call_read", operationID="Buyers.List") == "Auth.InsufficientRoles"
    found = (await api.seller.get(f"/v1/buyers/{buyer}/users/{shopper.id}")).json()
    assert found["FirstName"] == "Changed"


async def test_no_other_marketplace_is_reached(api: Api, other: Api) -> None:
    theirs = await other.buyer()
    async with assistant(api.server, full(api)) as agent:
        path = {"buyerID": theirs}
        assert await agent.refused_with("call_read", operationID="Buyers.Get", path=path) == "NotFound"
        call = {"operationID": "Buyers.Delete", "path": path}
        assert await agent.refused_with("call_delete", **call) == "NotFound"
        listed = await agent.call("call_read", operationID="Buyers.List", query={"pageSize": 100})
        assert theirs not in [each["ID"] for each in listed["Items"]]
    assert (await other.seller.get(f"/v1/buyers/{theirs}")).status_code == 200


# --- what may be read ---------------------------------------------------------------------------------------------


async def test_guides_are_resources(api: Api) -> None:
    files = {file.stem: file for file in GUIDES.glob("*.md")}
    assert "mcp" in files
    async with assistant(api.server, full(api)) as agent:
        listed = {each.name: each for each in (await agent.client.list_resources()).resources}
        assert {*listed} == {*files, "operations", "models"}
        for name, file in files.items():
            text = file.read_text("utf-8")
            assert await agent.read(f"entrepot://guides/{name}") == text
            assert text.startswith(f"# {listed[name].title}\n")


async def test_operations_and_models_are_resources(api: Api) -> None:
    """Each has a schema that holds, whatever is looked at first."""
    reader = api.token(api.admin, ["BuyerReader"])
    async with assistant(api.server, reader) as agent:
        templates = (await agent.client.list_resource_templates()).resource_templates
        assert [each.uri_template for each in templates] == [
            "entrepot://operations/{operationID}",
            "entrepot://models/{name}",
        ]
        opened = dict(json.loads(await agent.read("entrepot://operations")))
        assert opened["Buyers.List"]
        assert "Buyers.Create" not in opened
        told = json.loads(await agent.read("entrepot://operations/Buyers.Create"))
        assert told == await agent.call("describe_operation", operationID="Buyers.Create")
        names = json.loads(await agent.read("entrepot://models"))
        assert {"Product", "OrderWorksheet", "Buyer"} <= {*names}
        buyer = json.loads(await agent.read("entrepot://models/Buyer"))
        Draft202012Validator(buyer)
        assert buyer["properties"]["Name"]["maxLength"] == 100
    offer = Offer(registry().operations.values())
    assert {*names} == {*schemas([each.operation for each in offer.all])}


# --- where it is --------------------------------------------------------------------------------------------------


async def test_a_setting_takes_it_away(api: Api) -> None:
    settings = replace(api.server.settings, mcp=False)
    async with run_server(settings, api.server.database, api.server.clock) as server:
        seller = api.with_token(full(api), server)
        for path in (
            "/mcp",
            "/.well-known/oauth-protected-resource",
            "/.well-known/oauth-authorization-server",
        ):
            assert (await seller.get(path)).status_code == 404
        assert (await seller.post("/mcp", json={})).status_code == 404


async def test_it_does_without_the_test_bench(api: Api) -> None:
    """Whose operations are then no tools."""
    settings = replace(api.server.settings, test_bench=False)
    async with (
        run_server(settings, api.server.database, api.server.clock) as server,
        assistant(server, full(api)) as agent,
    ):
        assert (await agent.call("call_read", operationID="Me.Get"))["Username"] == "admin"
        assert await agent.refused_with("call_read", operationID="Faults.List") == "Mcp.InvalidArguments"
        assert await agent.refused_with("search_operations", group="Faults") == "Mcp.InvalidArguments"
