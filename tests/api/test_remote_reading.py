"""A marketplace read over the public API is the marketplace that a download of its own server writes."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.api.sources import SECRET, WAITED, Clouds, everything, read_all, reading, refusing

from entrepot.engine.wire.json import encode
from entrepot.features.seeding.remote import reader as reading_module
from entrepot.features.seeding.remote.errors import (
    BadAddressError,
    LoginRefusedError,
    RemoteError,
    SourceLostError,
    StrangerError,
)
from entrepot.features.seeding.remote.listings import UNLISTED
from entrepot.features.seeding.remote.source import Access, retry_after
from entrepot.features.seeding.remote.transport import Answer, UnreachedError, base_url


def shelves(count: int) -> dict[str, Any]:
    """Two catalogs, and products in the first of them."""
    names = [f"p{number:04}" for number in range(count)]
    return {
        "Objects": {
            "Catalogs": [{"ID": "main", "Name": "Main", "Active": True}, {"ID": "none", "Name": "None"}],
            "Products": [{"ID": name, "Name": name, "Active": True} for name in names],
        },
        "Assignments": {
            "ProductCatalogAssignment": [{"CatalogID": "main", "ProductID": name} for name in names]
        },
    }


async def test_every_kind_is_read_as_it_is_downloaded(clouds: Clouds) -> None:
    cloud = await clouds.of(everything(), reading(["FullAccess"]))
    async with cloud.reader() as reader:
        read = await read_all(reader)
    own = await clouds.downloaded(cloud.marketplace)
    assert read.keys() == own.keys() == {each.name for each in reader.kinds} - UNLISTED
    for kind, records in own.items():
        assert read[kind] == records, kind
    assert (reader.findings.refused, reader.findings.unknown, reader.findings.short) == ({}, Counter(), {})
    secrets = sorted(name for name in reader.findings.redacted if name.startswith("ApiClients."))
    assert [name.rpartition(".")[2] for name in secrets] == ["ClientSecret", "ClientSecret"]


# --- lists ----------------------------------------------------------------------------------------------------


async def test_long_lists_are_read_to_their_end_by_ids_and_by_pages(clouds: Clouds) -> None:
    cloud = await clouds.of(shelves(250), reading(["FullAccess"]))
    async with cloud.reader() as reader:
        read = await read_all(reader)
    own = await clouds.downloaded(cloud.marketplace)
    assert (read["Products"], read["ProductCatalogAssignment"]) == (
        own["Products"],
        own["ProductCatalogAssignment"],
    )
    products = [each for each in cloud.asked if "/v1/products?" in each]
    assert len(products) == 3
    assert all(
        "page=1&pageSize=100&sortBy=ID" in each.replace("&ID=%3Ep0099", "").replace("&ID=%3Ep0199", "")
        for each in products
    )
    assert sum("/v1/catalogs/productassignments" in each for each in cloud.asked) == 3


async def test_what_moves_to_a_page_that_was_read_is_read_all_the_same(clouds: Clouds) -> None:
    """An assignment of the first page is deleted while the second is asked for: the 101st is then on the first."""
    cloud = await clouds.of(shelves(250), reading(["FullAccess"]))

    async def remove(asked: str) -> None:
        if "/v1/catalogs/productassignments" in asked and "pageKey" in asked:
            await clouds.connection.execute(
                'DELETE FROM catalog_product_assignments WHERE marketplace_id = $1 AND "ProductID" = $2',
                cloud.marketplace_id,
                "p0003",
            )

    cloud.strikes.append(remove)
    async with cloud.reader() as reader:
        read = await read_all(reader)
    named = {json.loads(each)["ProductID"] for each in read["ProductCatalogAssignment"]}
    assert named == {f"p{number:04}" for number in range(250)}
    assert len(read["ProductCatalogAssignment"]) == 250, "none twice"


async def test_an_order_of_ids_that_loses_some_is_made_up_for(clouds: Clouds) -> None:
    """The original is said to sort and to compare IDs of digits in two ways."""
    cloud = await clouds.of(shelves(250), reading(["FullAccess"]))

    def lose(asked: str, page: Any) -> None:
        if "/v1/products?" in asked and "ID=%3Ep0099" in asked:
            page["Items"] = page["Items"][50:]
            page["Meta"]["TotalCount"] = 150

    cloud.changes.append(lose)
    async with cloud.reader() as reader:
        read = await read_all(reader)
    assert len(read["Products"]) == 250
    assert reader.findings.short == {}


async def test_lists_that_lead_in_circles_end(clouds: Clouds) -> None:
    """A filter that is not understood, a key that leads back: what is missed is told."""
    cloud = await clouds.of(shelves(150), reading(["FullAccess"]))
    keys: dict[str, Any] = {}

    async def circle(asked: str) -> Answer | None:
        path = urlsplit(asked.partition(" ")[2]).path
        if path not in {"/v1/products", "/v1/catalogs/productassignments"}:
            return None
        if path not in keys:
            cloud.strikes.clear()
            async with cloud.reader() as reader:
                keys[path] = await reader.source.get(
                    path.removeprefix("/v1"), [("pageSize", "100"), ("page", "1")]
                )
            keys[path]["Meta"]["NextPageKey"] = "again"
            cloud.strikes.append(circle)
        return Answer(200, encode(keys[path]))

    cloud.strikes.append(circle)
    async with cloud.reader() as reader:
        read = await read_all(reader)
    assert len(read["Products"]) == len(read["ProductCatalogAssignment"]) == 100
    assert reader.findings.short == {
        "GET /products": (100, 150),
        "GET /catalogs/productassignments": (100, 150),
    }


async def test_a_list_beyond_its_last_page_is_divided(
    clouds: Clouds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LIST-4: no page reaches further than 100,000, here 200."""
    monkeypatch.setattr(reading_module, "MOST", 200)
    cloud = await clouds.of(shelves(250), reading(["FullAccess"]))
    async with cloud.reader() as reader:
        read = await read_all(reader)
    assert (
        read["ProductCatalogAssignment"]
        == (await clouds.downloaded(cloud.marketplace))["ProductCatalogAssignment"]
    )
    assert any("catalogID=main&productID=p0249" in each for each in cloud.asked)


async def test_what_goes_meanwhile_is_told(clouds: Clouds) -> None:
    cloud = await clouds.of(everything(), reading(["FullAccess"]))

    async def gone(asked: str) -> Answer | None:
        return refusing(404) if "/v1/buyers/solo/" in asked else None

    cloud.strikes.append(gone)
    async with cloud.reader() as reader:
        read = await read_all(reader)
    assert reader.findings.gone["Users"] == 1
    assert all('"BuyerID": "acme"' in each for each in read["Users"])


async def test_what_this_version_does_not_know_is_left_out_and_named(clouds: Clouds) -> None:
    cloud = await clouds.of(everything(), reading(["FullAccess"]))

    def newer(asked: str, page: Any) -> None:
        for item in page.get("Items", []) if "/v1/priceschedules" in asked else []:
            item["Invented"] = {"a": 1}
            item["PriceBreaks"] = [{**each, "Later": 1} for each in item["PriceBreaks"] or []]

    cloud.changes.append(newer)
    async with cloud.reader() as reader:
        read = await read_all(reader)
    count = len(read["PriceSchedules"])
    assert reader.findings.unknown["PriceSchedules.Invented"] == count
    assert reader.findings.unknown["PriceSchedules.PriceBreaks.Later"] > 0
    assert "Invented" not in "".join(read["PriceSchedules"])
    assert "Later" not in "".join(read["PriceSchedules"])


# --- trouble --------------------------------------------------------------------------------------------------


async def test_trouble_that_passes_costs_time_alone(clouds: Clouds) -> None:
    """Every request fails at first: in turns with 429, 503, a cut connection, and half of an answer's JSON."""
    cloud = await clouds.of(everything(), reading(["FullAccess"]))
    failed: set[str] = set()
    WAITED.clear()

    async def trouble(asked: str) -> Answer | None:
        if asked in failed:
            return None
        failed.add(asked)
        match len(failed) % 3:
            case 0:
                return refusing(429, **{"retry-after": "7"})
            case 1:
                return refusing(503)
            case _:
                raise UnreachedError("cut")

    cloud.strikes.append(trouble)
    async with cloud.reader() as reader:
        read = await read_all(reader)
    assert WAITED.count(7) > len(failed) / 4, "as Retry-After asks"
    assert read == await clouds.downloaded(cloud.marketplace)


async def test_a_source_that_dies_says_so(clouds: Clouds) -> None:
    cloud = await clouds.of(everything(), reading(["FullAccess"]))

    async def die(asked: str) -> Answer | None:
        if "/v1/products" in asked or die_for_good:
            die_for_good.append(asked)
            raise UnreachedError("Connection refused")
        return None

    die_for_good: list[str] = []
    cloud.strikes.append(die)
    async with cloud.reader() as reader:
        with pytest.raises(SourceLostError, match=r"did not answer 4 times in a row.*Connection refused"):
            await read_all(reader)
    assert len(die_for_good) == 4


async def test_whoever_wants_to_be_left_alone_for_long_is(clouds: Clouds) -> None:
    cloud = await clouds.of(reading(["FullAccess"]))

    async def busy(asked: str) -> Answer | None:
        return refusing(429, **{"retry-after": "86400"}) if "/v1/buyers" in asked else None

    cloud.strikes.append(busy)
    async with cloud.reader() as reader:
        with pytest.raises(SourceLostError, match="left alone for 86400 seconds"):
            await read_all(reader)


async def test_a_token_that_ends_is_renewed(clouds: Clouds) -> None:
    cloud = await clouds.of(everything(), reading(["FullAccess"]))
    ended: list[str] = []

    async def end(asked: str) -> Answer | None:
        if "/v1/catalogs?" in asked and not ended:
            ended.append(asked)
            return refusing(401)
        return None

    cloud.strikes.append(end)
    async with cloud.reader() as reader:
        read = await read_all(reader)
    assert read["Catalogs"] == (await clouds.downloaded(cloud.marketplace))["Catalogs"]
    assert sum("/oauth/token" in each for each in cloud.asked) == 2


async def test_a_token_that_is_never_good_ends_it(clouds: Clouds) -> None:
    cloud = await clouds.of(reading(["FullAccess"]))

    async def never(asked: str) -> Answer | None:
        return refusing(401) if "/v1/" in asked else None

    cloud.strikes.append(never)
    with pytest.raises(LoginRefusedError, match="takes no token"):
        async with cloud.reader():
            pass
    assert sum("/oauth/token" in each for each in cloud.asked) == 2


# --- who reads, and where -------------------------------------------------------------------------------------


async def test_lists_that_the_token_may_not_read_are_told(clouds: Clouds) -> None:
    """The others are read."""
    cloud = await clouds.of(everything(), reading(["ProductReader", "MeAdmin"]))
    async with cloud.reader() as reader:
        read = await read_all(reader)
    own = await clouds.downloaded(cloud.marketplace)
    assert read["Products"] == own["Products"]
    assert "Buyers" not in read
    refused = reader.findings.refused
    assert {
        "Buyers.List",
        "Catalogs.List",
        "Promotions.List",
        "SecurityProfiles.ListAssignments",
    } <= refused.keys()
    assert "Products.List" not in refused
    assert "Auth.InsufficientRoles" in refused["Buyers.List"]


@pytest.mark.parametrize(
    ("client_id", "secret"), [("", "wrong"), ("0F0F0F0F-0000-4000-8000-0F0F0F0F0F0F", SECRET)]
)
async def test_bad_credentials_are_told(clouds: Clouds, client_id: str, secret: str) -> None:
    cloud = await clouds.of(reading(["FullAccess"]))
    access = Access(cloud.access.url, client_id or cloud.client_id, secret)
    with pytest.raises(LoginRefusedError, match="refuses the API client") as told:
        async with cloud.reader(access):
            pass
    assert secret not in str(told.value)


async def test_a_buyers_token_reads_no_marketplace(clouds: Clouds) -> None:
    document = reading(["FullAccess"])
    document["Objects"]["Buyers"] = [{"ID": "acme", "Name": "Acme", "Active": True}]
    document["Objects"]["Users"] = [{**document["Objects"].pop("AdminUsers")[0], "BuyerID": "acme"}]
    document["Objects"]["ApiClients"][0]["AllowAnyBuyer"] = True
    document["Assignments"]["SecurityProfileAssignments"][0]["BuyerID"] = "acme"
    cloud = await clouds.of(document)
    with pytest.raises(RemoteError, match="not one of the seller"):
        async with cloud.reader():
            pass


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"<html>Welcome</html>", {"content-type": "text/html"}),
        Answer(404, b'{"error": "Not Found"}', {"content-type": "application/json"}),
        Answer(200, b"[]"),
        Answer(200, b'{"access_token": 7}'),
        Answer(302, b"", {"location": "https://login.example.com"}),
    ],
    ids=["page", "404", "list", "number", "redirect"],
)
async def test_what_speaks_something_else_is_told(clouds: Clouds, answer: Answer) -> None:
    cloud = await clouds.of(reading(["FullAccess"]))

    async def strange(asked: str) -> Answer | None:
        return answer

    cloud.strikes.append(strange)
    with pytest.raises(StrangerError, match="does not speak OrderCloud: POST /oauth/token"):
        async with cloud.reader():
            pass


async def test_a_page_that_is_none_is_told(clouds: Clouds) -> None:
    cloud = await clouds.of(reading(["FullAccess"]))

    async def strange(asked: str) -> Answer | None:
        return Answer(200, b'{"Items": [1], "Meta": {}}') if "/v1/buyers" in asked else None

    cloud.strikes.append(strange)
    async with cloud.reader() as reader:
        with pytest.raises(StrangerError, match="was not answered with a page"):
            await read_all(reader)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("https://sandboxapi.ordercloud.io/", "https://sandboxapi.ordercloud.io"),
        ("https://api.example.com:8443/shop/v1/", "https://api.example.com:8443/shop"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.9:1/v1", "http://127.0.0.9:1"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_addresses(text: str, told: str) -> None:
    assert base_url(text) == told


@pytest.mark.parametrize(
    "text",
    ["", "api.example.com", "ftp://api.example.com", "https://", "https://me:secret@api.example.com", "https://a?b=c",
     "http://api.example.com", "http://127.0.0.1.example.com", "https://api.example.com:99999", "https://[::1"],
)  # fmt: skip
def test_bad_addresses_are_refused(text: str) -> None:
    with pytest.raises(BadAddressError):
        base_url(text)


def test_http_without_tls_takes_a_word_for_it() -> None:
    assert base_url("http://api.example.com", plain=True) == "http://api.example.com"


def test_what_retry_after_asks_for() -> None:
    now = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    assert retry_after("12", now) == 12
    assert retry_after("Thu, 01 Jan 2026 12:00:30 GMT", now) == 30
    assert retry_after("Thu, 01 Jan 2026 11:00:00 GMT", now) == 0
    assert retry_after("soon", now) is None
    assert retry_after(None, now) is None


async def test_children_are_read_as_they_were_written(clouds: Clouds) -> None:
    """PRD-6: a server shows their parents' values in them."""
    family = {
        "Objects": {
            "Products": [
                {
                    "ID": "zz-parent",
                    "Name": "Parent",
                    "Description": "Of both",
                    "ShipWeight": 2,
                    "IsParent": True,
                    "Active": True,
                    "xp": {"a": {"x": 1}, "b": 2},
                },
                {"ID": "child", "Name": "Child", "ParentID": "ZZ-Parent", "Active": True, "xp": {"b": 3}},
                {"ID": "other", "Name": "Other", "ParentID": "zz-parent", "ShipWeight": 3, "Active": True},
            ]
        }
    }
    cloud = await clouds.of(family, reading(["FullAccess"]))
    async with cloud.reader() as reader:
        read = await read_all(reader)
    assert read["Products"] == (await clouds.downloaded(cloud.marketplace))["Products"]
    (child,) = (json.loads(each) for each in read["Products"] if '"ID": "child"' in each)
    assert (child["Description"], child["xp"]) == (None, {"b": 3})
