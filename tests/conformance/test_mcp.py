"""MCP with the real server: the protocol's libraries for Python and JavaScript as its clients, over HTTP, and the npm package
`ordercloud-mcp`, an MCP server of somebody else's, pointed at this API.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from tests.api.assistants import text_of
from tests.conformance.running import NODE, Shop, node

from entrepot.kernel.ids import new_id

THEIRS = NODE / "node_modules/ordercloud-mcp/dist/index.js"
COMMANDS = ("PATH", "HOME", "NODE_OPTIONS")


def token(shop: Shop, name: str = "admin01", scope: str = "") -> str:
    user = shop.demo["users"][name]
    form = {"grant_type": "password", "client_id": shop.demo["clientID"], "username": user["username"]}
    form |= {"password": user["password"]} | ({"scope": scope} if scope else {})
    answer = httpx.post(f"{shop.url}/oauth/token", data=form, trust_env=False)
    return str(answer.raise_for_status().json()["access_token"])


@asynccontextmanager
async def connected(shop: Shop, bearer: str, query: str = "") -> AsyncIterator[Client]:
    """The Python library at /mcp."""
    headers = {"Authorization": f"Bearer {bearer}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60, trust_env=False) as http,
        Client(streamable_http_client(f"{shop.url}/mcp{query}", http_client=http)) as client,
    ):
        yield client


async def answer(client: Client, tool: str, /, **arguments: Any) -> Any:
    """The JSON of a success."""
    result = await client.call_tool(tool, arguments)
    found = json.loads(text_of(result))
    assert not result.is_error, found
    return found


async def refusal(client: Client, tool: str, /, **arguments: Any) -> Any:
    """That of an error."""
    result = await client.call_tool(tool, arguments)
    found = json.loads(text_of(result))
    assert result.is_error, found
    return found


# --- clients of ours ------------------------------------------------------------------------------------------------


async def test_the_library_for_python(shop: Shop) -> None:
    """As administrator, as a buyer's user and as a supplier's, each with his own sight."""
    async with connected(shop, token(shop)) as client:
        assert len((await client.list_tools()).tools) == 9
        page = await answer(client, "call_read", operationID="Products.List", query={"pageSize": 2})
        assert len(page["Items"]) == 2
        explained = await answer(client, "explain_request", username="buyer01", verb="GET", path="/v1/buyers")
        assert explained["Steps"]
    async with connected(shop, token(shop, "buyer01")) as client:
        me = await answer(client, "call_read", operationID="Me.Get")
        assert me["Username"] == shop.demo["users"]["buyer01"]["username"]
        assert (await answer(client, "call_read", operationID="Me.ListProducts"))["Items"]
        refused = await refusal(client, "call_read", operationID="SecurityProfiles.List")
        assert refused["Errors"][0]["ErrorCode"].startswith("Auth.")
    async with connected(shop, token(shop, "supplier01")) as client:
        me = await answer(client, "call_read", operationID="Me.Get")
        assert me["Username"] == shop.demo["users"]["supplier01"]["username"]


async def test_all_tools_of_an_administrator(shop: Shop) -> None:
    """Page after page, over HTTP."""
    names: list[str] = []
    cursor = None
    async with connected(shop, token(shop), "?tools=all") as client:
        while True:
            page = await client.list_tools(cursor=cursor)
            names += [tool.name for tool in page.tools]
            cursor = page.next_cursor
            if cursor is None:
                break
        # Tools that need arguments may be called without, and say what is missing.
        assert (await refusal(client, "Products_Get"))["Errors"][0]["ErrorCode"] == "Mcp.InvalidArguments"
    assert len(names) == len({*names})
    assert {"Products_Get", "Me_Get", "Orders_Submit", "explain_product"} <= {*names}


async def test_a_connection_that_is_cut_on_purpose_is_cut(shop: Shop) -> None:
    """As that of any other request: an assistant's client has to bear it, and nothing of it stays behind."""
    fault = {"OperationID": "Catalogs.Get", "Cut": True, "Remaining": 1}
    arguments = {"operationID": "Catalogs.Get", "path": {"catalogID": new_id()}}
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "call_read", "arguments": arguments},
    }
    headers = {"Authorization": f"Bearer {token(shop)}", "Accept": "application/json"}
    with httpx.Client(base_url=shop.url, headers=headers, trust_env=False) as api:
        made = api.post("/entrepot/v1/faults", json=fault).raise_for_status().json()["ID"]
        with pytest.raises(httpx.RemoteProtocolError):
            api.post("/mcp", json=call)
        again = api.post("/mcp", json=call).json()["result"]
        assert json.loads(again["content"][0]["text"])["Errors"][0]["ErrorCode"] == "NotFound"
        api.delete(f"/entrepot/v1/faults/{made}").raise_for_status()


@pytest.mark.parametrize("version", ["2026-07-28", "2025-11-25"])
async def test_what_is_read_for_a_client_that_has_gone_is_given_up(shop: Shop, version: str) -> None:
    """As over HTTP, in either way to speak the protocol: it does not wait out what it waits for."""
    path = f"/v1/specs/{new_id()}"
    meta = {
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    arguments = {"operationID": "Specs.Get", "path": {"specID": path.rpartition("/")[2]}}
    params = {"name": "call_read", "arguments": arguments, "_meta": meta}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {"Authorization": f"Bearer {token(shop)}", "Accept": "application/json"}
    spoken = {"MCP-Protocol-Version": version, "Mcp-Method": "tools/call", "Mcp-Name": "call_read"}
    async with httpx.AsyncClient(base_url=shop.url, headers=headers, trust_env=False, timeout=60) as api:
        fault = (await api.post("/entrepot/v1/faults", json={"Path": path, "Delay": 60_000})).json()["ID"]
        asked = asyncio.create_task(api.post("/mcp", json=call, headers=spoken))
        async with asyncio.timeout(55):
            while not (await api.get(f"/entrepot/v1/faults/{fault}")).json()["Met"]:
                await asyncio.sleep(0.05)
            asked.cancel()
            while True:
                found = (await api.get("/entrepot/v1/requests", params={"Path": path})).json()["Items"]
                if found:
                    break
                await asyncio.sleep(0.05)
        assert [(each["Status"], each["ErrorCode"]) for each in found] == [(499, "Request.Abandoned")]
        await api.delete(f"/entrepot/v1/faults/{fault}")


@pytest.mark.usefixtures("node_packages")
def test_the_sdk_for_javascript(shop: Shop) -> None:
    done = node("mcp/client.js", shop=shop, ENTREPOT_TOKEN=token(shop, scope="BuyerReader"))
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["server"] == "entrepot"
    assert told["tools"] == [["search_operations", True], ["describe_operation", True], ["call_read", True]]
    assert told["guides"] > 20
    assert told["operationID"] == "Me.Get"
    assert told["me"]["answer"]["Username"] == shop.demo["users"]["admin01"]["username"]
    assert told["nothing"]["refused"]
    assert told["nothing"]["answer"]["Errors"][0]["ErrorCode"] == "NotFound"
    assert told["guide"] == "# Assistants"
    denied = node("mcp/client.js", shop=shop)
    assert denied.returncode != 0
    assert "Unauthorized" in denied.stderr or "401" in denied.stderr


# --- a server of somebody else's ------------------------------------------------------------------------------------


@asynccontextmanager
async def theirs(shop: Shop, **environment: str) -> AsyncIterator[Client]:
    """`ordercloud-mcp` as a program, led here by its variables."""
    program = StdioServerParameters(
        command="node",
        args=[str(THEIRS)],
        env={
            **{name: os.environ[name] for name in COMMANDS if name in os.environ},
            "DOTENV_CONFIG_QUIET": "true",  # its standard output is for the protocol
            "ORDERCLOUD_BASE_URL": shop.url,
            "ORDERCLOUD_AUTH_URL": f"{shop.url}/oauth/token",
            **environment,
        },
        cwd=NODE,
    )
    async with Client(program, mode="legacy") as client:
        yield client


def of_a_program(shop: Shop) -> dict[str, str]:
    """The API client of the demo that programs log in with."""
    return {
        "ORDERCLOUD_CLIENT_ID": shop.demo["integrationClientID"],
        "ORDERCLOUD_CLIENT_SECRET": shop.demo["integrationClientSecret"],
    }


async def done(client: Client, tool: str, /, **arguments: Any) -> Any:
    """What it says it got."""
    told = await answer(client, f"ordercloud.{tool}", **arguments)
    assert told["ok"], told
    return told["data"]


@pytest.mark.usefixtures("node_packages")
async def test_ordercloud_mcp_logs_in_and_keeps_products(shop: Shop) -> None:
    async with theirs(shop, **of_a_program(shop)) as client:
        ping = await done(client, "ping")
        assert (ping["connected"], ping["baseUrl"]) == (True, shop.url)
        assert len((await client.list_tools()).tools) >= 70
        product = new_id()
        made = await done(
            client, "products.create", product={"ID": product, "Name": "Chair", "xp": {"Color": "red"}}
        )
        assert (made["ID"], made["Active"], made["xp"]) == (product, True, {"Color": "red"})
        patched = await done(client, "products.patch", productId=product, patch={"Name": "Stool"})
        assert patched["Name"] == "Stool"
        merged = await done(
            client,
            "xp.patch",
            resourceType="Product",
            identifiers={"productId": product},
            xpPatch={"Legs": 3},
        )
        assert merged["xp"] == {"Color": "red", "Legs": 3}
        found = await done(client, "products.search", filters={"ID": product}, pageSize=10, sortBy="!Name")
        assert [each["Name"] for each in found["items"]] == ["Stool"]
        assert (found["meta"]["page"], found["meta"]["totalCount"]) == (1, 1)
        spec = new_id()
        await done(client, "specs.create", spec={"ID": spec, "Name": "Size"})
        # It takes a word for no markup that the contract does not know, and is told so.
        option = {"ID": "s", "Value": "S"}
        refused = await refusal(client, "ordercloud.specs.options.add", specId=spec, option=option)
        [error] = refused["error"]["details"]["Errors"]
        assert error["Data"] == {"Property": "PriceMarkupType", "Value": "None"}
        assert (await done(client, "specs.options.list", specId=spec))["items"] == []
        await done(client, "products.delete", productId=product)
        gone = await refusal(client, "ordercloud.products.get", productId=product)
        assert gone["error"]["status"] == 404
        assert gone["error"]["details"]["Errors"][0]["ErrorCode"] == "NotFound"


@pytest.mark.usefixtures("node_packages")
async def test_ordercloud_mcp_makes_customers_and_orders(shop: Shop) -> None:
    """With a token in place of a login."""
    async with theirs(shop, ORDERCLOUD_ACCESS_TOKEN=token(shop)) as client:
        assert (await done(client, "ping"))["authMode"] == "token"
        buyer, user, address, catalog = (new_id() for _ in range(4))
        await done(client, "catalogs.create", catalog={"ID": catalog, "Name": "Chairs", "Active": True})
        await done(client, "categories.create", catalogId=catalog, category={"ID": "legs", "Name": "Legs"})
        categories = await done(client, "categories.search", catalogId=catalog)
        assert [each["ID"] for each in categories["items"]] == ["legs"]
        onboarded = await done(
            client, "customers.onboard", buyerId=buyer, buyerName="B", userId=user, username=user,
            email="u@example.com", firstName="U", lastName="S", addressId=address, street1="Street 1", city="Town", state="MN",
            country="US", zip="55401", defaultCatalogId=catalog,
        )  # fmt: skip
        assert onboarded["buyer"]["ID"] == buyer
        assert (await done(client, "users.get", buyerId=buyer, userId=user))["Username"] == user
        product, schedule = new_id(), new_id()
        await done(client, "products.create", product={"ID": product, "Name": "Chair"})
        await done(client, "priceSchedules.create", priceSchedule={
            "ID": schedule, "Name": "P", "Currency": "USD", "MinQuantity": 1, "PriceBreaks": [{"Quantity": 1, "Price": 12.35}],
        })  # fmt: skip
        patch = {"DefaultPriceScheduleID": schedule}
        assert (await done(client, "products.patch", productId=product, patch=patch))[
            "DefaultPriceScheduleID"
        ] == schedule
        # An order of the seller needs a supplier, for which it has no place.
        refused = await refusal(client, "ordercloud.orders.create", direction="Outgoing", order={})
        assert refused["error"]["details"]["Errors"][0]["Data"] == {"Property": "ToCompanyID"}
    async with theirs(shop, ORDERCLOUD_ACCESS_TOKEN=token(shop, "buyer01")) as client:
        way = {"direction": "Outgoing"}
        order = (await done(client, "orders.create", **way, order={"xp": {"From": "assistant"}}))["ID"]
        read = await done(client, "orders.get", **way, orderId=order)
        assert (read["Status"], read["xp"]) == ("Unsubmitted", {"From": "assistant"})
        sheet = await done(client, "orders.getWorksheet", **way, orderId=order)
        assert (sheet["order"]["ID"], sheet["lineItems"]) == (order, [])
        empty = await refusal(client, "ordercloud.orders.submit", **way, orderId=order)
        assert empty["error"]["status"] == 400
        await done(client, "orders.delete", **way, orderId=order)


@pytest.mark.usefixtures("node_packages")
async def test_ordercloud_mcp_hears_what_it_may_not(shop: Shop) -> None:
    """A token without the roles, one that is none, and a login that is refused."""
    async with theirs(shop, ORDERCLOUD_ACCESS_TOKEN=token(shop, scope="ProductReader")) as client:
        refused = await refusal(client, "ordercloud.buyers.search")
        assert refused["error"]["status"] == 403
        assert refused["error"]["details"]["Errors"][0]["ErrorCode"] == "Auth.InsufficientRoles"
    async with theirs(shop, ORDERCLOUD_ACCESS_TOKEN="rubbish") as client:
        assert not (await done(client, "ping"))["connected"]
    wrong = {**of_a_program(shop), "ORDERCLOUD_CLIENT_SECRET": "wrong"}
    async with theirs(shop, **wrong) as client:
        refused = await refusal(client, "ordercloud.products.search")
        assert (refused["error"]["message"], refused["error"]["status"]) == ("Auth failed: 401", 401)
