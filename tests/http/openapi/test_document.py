"""The OpenAPI document (OAPI-1 to OAPI-6): a small registry word for word, the contract's whole size as a whole."""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from openapi_schema_validator import OAS30ReadValidator
from openapi_spec_validator import OpenAPIV30SpecValidator
from tests.conformance.contract_registry import contract_registry, new_model

from entrepot.declare.operation import Body, ListOptions, Operation, QueryParameter, Reply, Returns
from entrepot.declare.registry import Registry
from entrepot.declare.types import Bool, Date, Id, Int, Money, Secret, Text, WireType, Xp
from entrepot.declare.wire import Wire, column
from entrepot.features.registry import build_registry
from entrepot.http.encoding import encode
from entrepot.http.errors import envelope
from entrepot.http.openapi import document, render
from entrepot.http.openapi.places import AmbiguousNameError
from entrepot.http.openapi.sections import SECTIONS, UnknownTagError
from entrepot.kernel.errors import InvalidContentTypeError, NotFoundError

BASE_URL = "http://shop.example"


class Extent(enum.StrEnum):
    """How large it is."""

    SMALL = "Small"
    LARGE = "Large"


class Label(Wire):
    """What is written on it."""

    Words: Text = column(required=True, max=5)


class Catalog(Wire):
    """A thing with every kind of property.

    This second paragraph is for developers.
    """

    ID: Id = column(max=100)
    Name: Text = column(required=True, min=2, max=50, description="What people call it.")
    Password: Secret = column(write_only=True, stored=False)
    Count: Int = column(minimum=1, maximum=9)
    Price: Money = column(nullable=True)
    Active: Bool = column(default=True)
    Size: Extent = column()
    First: Label = column()
    Labels: list[Label] = column()
    Tags: list[Text] = column()
    DateCreated: Date = column(read_only=True)
    xp: Xp = column()


async def nothing(_: Any) -> Reply:
    return Reply()


LIST = Operation(
    id="Catalogs.List",
    verb="GET",
    path="/catalogs",
    tag="Catalogs",
    summary="List catalogs",
    description="All of them.",
    handler=nothing,
    source="here:1",
    roles=("FullAccess", "CatalogReader"),
    query=(
        QueryParameter("size", WireType("enum", enum=Extent), description="Only of this size."),
        QueryParameter("partner", required=True),
    ),
    lists=ListOptions(search=("ID", "Name"), sort=("Name", "ID")),
    returns=Returns(Catalog, page=True),
)
CREATE = replace(
    LIST,
    id="Catalogs.Create",
    verb="POST",
    status=201,
    query=(),
    lists=None,
    body=Body(Catalog),
    returns=Returns(Catalog),
)
PATCH = replace(
    CREATE,
    id="Catalogs.Patch",
    verb="PATCH",
    path="/catalogs/{catalogID}",
    status=200,
    body=Body(Catalog, partial=True),
)
DELETE = replace(PATCH, id="Catalogs.Delete", verb="DELETE", status=204, body=None, returns=None)
SEND = replace(
    DELETE, id="ForgottenCredentials.Send", verb="POST", path="/password/reset", tag="Forgotten Credentials",
    roles=(), public=True,
)  # fmt: skip
CERTS = replace(SEND, id="Certs.Get", verb="GET", path="/oauth/certs/{ID}", tag="Certs")


def described(*operations: Operation) -> dict[str, Any]:
    """The document of these operations, as its reader sees it."""
    registry = Registry()
    registry.add_operations(operations)
    found: dict[str, Any] = json.loads(render(registry, BASE_URL))
    return found


def operation(found: dict[str, Any], of: Operation) -> dict[str, Any]:
    one: dict[str, Any] = found["paths"][of.path][of.verb.lower()]
    return one


# --- OAPI-1 to OAPI-3: the frame ----------------------------------------------------------------------------


def test_frame_oapi_1() -> None:
    found = described(LIST)
    assert list(found) == ["openapi", "info", "servers", "tags", "paths", "components"]
    assert found["openapi"] == "3.0.0"
    assert found["info"].keys() == {"title", "description", "contact", "version"}
    assert found["info"]["title"] == "OrderCloud"
    assert re.fullmatch(r"1\.0\.470\.\d{1,5}", found["info"]["version"])
    assert [server["url"] for server in found["servers"]] == [f"{BASE_URL}/v1"]


def test_another_document_has_another_version() -> None:
    """Applications F7: what keeps a copy for as long as the version stays learns of every change."""
    version = described(LIST)["info"]["version"]
    assert described(LIST)["info"]["version"] == version
    assert described(replace(LIST, summary="List the catalogs"))["info"]["version"] != version


def test_tags_oapi_2() -> None:
    # Tags follow the sections, whatever the order of the operations.
    found = described(replace(LIST, id="Buyers.List", path="/buyers", tag="Buyers"), LIST, SEND)
    for tag in found["tags"]:
        assert tag.pop("description")
    assert found["tags"] == [
        {"name": "Authentication and Authorization", "x-id": "AuthenticationAndAuthorization"},
        {"name": "Forgotten Credentials", "x-section-id": "AuthenticationAndAuthorization"},
        {"name": "Buyers", "x-id": "Buyers", "x-section-id": "Buyers"},
        {"name": "Product Catalogs", "x-id": "ProductCatalogs"},
        {"name": "Catalogs", "x-section-id": "ProductCatalogs"},
    ]


def test_every_resource_of_the_contract_has_a_section_oapi_2() -> None:
    tags = [tag for section in SECTIONS for tag in section.resources]
    assert len(tags) == len(set(tags))
    contract = {operation.tag for operation in contract_registry().operations.values()}
    # At the host root, outside the contract's list, and the server's own.
    own = SECTIONS[-1].resources.keys()
    assert set(tags) - contract == {"Certs", "Tokens", "User Info"} | own
    assert not contract - set(tags)


def test_a_tag_without_a_section_stops_the_document() -> None:
    with pytest.raises(UnknownTagError, match="Gadgets"):
        described(replace(LIST, tag="Gadgets"))


def test_security_oapi_3() -> None:
    found = described(LIST, SEND, replace(PATCH, roles=()))
    scheme = found["components"]["securitySchemes"]["OAuth2"]
    assert scheme["type"] == "oauth2"
    assert scheme["flows"].keys() == {"password", "clientCredentials"}
    for flow in scheme["flows"].values():
        assert flow["tokenUrl"] == f"{BASE_URL}/oauth/token"
        assert len(flow["scopes"]) == 94
        assert set(flow["scopes"].values()) == {""}
    assert operation(found, LIST)["security"] == [{"OAuth2": ["FullAccess", "CatalogReader"]}]
    assert operation(found, PATCH)["security"] == [{"OAuth2": []}]
    assert operation(found, SEND)["security"] == []


def test_operations_at_the_host_root_name_their_server() -> None:
    """Tools F5, applications F5: at the operation, since whoever walks a path item takes each key for a verb."""
    found = described(CERTS, LIST)
    assert found["paths"]["/oauth/certs/{ID}"].keys() == {"get"}
    assert [server["url"] for server in operation(found, CERTS)["servers"]] == [BASE_URL]
    assert "servers" not in operation(found, LIST)


def test_operations_of_the_server_itself_stand_in_a_section_of_their_own() -> None:
    own = replace(LIST, id="Mailbox.List", path="/entrepot/v1/mailbox", tag="Mailbox")
    found = described(LIST, own)
    assert [server["url"] for server in operation(found, own)["servers"]] == [BASE_URL]
    assert [
        tag["name"] for tag in found["tags"] if tag.get("x-id", tag.get("x-section-id")) == "Entrepot"
    ] == [
        "Entrepot",
        "Mailbox",
    ]


def test_the_token_request_is_a_form() -> None:
    token = replace(SEND, id="Tokens.Create", path="/oauth/token", tag="Tokens", status=200)
    content = operation(described(token), token)["requestBody"]["content"]
    assert list(content) == ["application/x-www-form-urlencoded"]
    schema = content["application/x-www-form-urlencoded"]["schema"]
    assert schema["required"] == ["grant_type", "client_id"]
    assert schema["properties"].keys() >= {"username", "password", "client_secret", "refresh_token", "scope"}


# --- OAPI-4 and OAPI-5: operations --------------------------------------------------------------------------


def test_create_oapi_4() -> None:
    assert operation(described(CREATE), CREATE) == {
        "tags": ["Catalogs"],
        "summary": "List catalogs",
        "description": "All of them.",
        "operationId": "Catalogs.Create",
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "allOf": [{"$ref": "#/components/schemas/Catalog"}],
                        "required": ["Name"],
                    }
                }
            },
        },
        "responses": {
            "201": {
                "description": "Created",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Catalog"}}},
            },
            "4XX": {"$ref": "#/components/responses/Refused"},
        },
        "security": [{"OAuth2": ["FullAccess", "CatalogReader"]}],
    }


def test_patch_requires_nothing_and_delete_has_no_content_oapi_4() -> None:
    found = described(PATCH, DELETE)
    body = operation(found, PATCH)["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"type": "object", "allOf": [{"$ref": "#/components/schemas/Catalog"}]}
    deleted = operation(found, DELETE)
    assert "requestBody" not in deleted
    assert deleted["responses"] == {
        "204": {"description": "No Content"},
        "4XX": {"$ref": "#/components/responses/Refused"},
    }
    assert [(p["name"], p["in"], p["required"], p["schema"]) for p in deleted["parameters"]] == [
        ("catalogID", "path", True, {"type": "string"})
    ]


def test_refusals() -> None:
    """Tools F6: every operation says what a refusal looks like; the token's is OAuth's as well."""
    token = replace(
        SEND,
        id="Tokens.Create",
        path="/oauth/token",
        tag="Tokens",
        status=200,
        errors=(InvalidContentTypeError,),
    )
    found = described(LIST, token, PATCH)
    assert list(operation(found, LIST)["responses"]) == ["200", "4XX"]
    assert operation(found, token)["responses"]["4XX"] == {"$ref": "#/components/responses/GrantRefused"}
    assert list(operation(found, PATCH)["responses"]) == ["200", "4XX"]
    schemas = {
        name: OAS30ReadValidator(
            {**answer["content"]["application/json"]["schema"], "components": found["components"]}
        )
        for name, answer in found["components"]["responses"].items()
    }
    refusal = json.loads(encode(envelope(NotFoundError("Catalog", "c1"))))
    grant = json.loads(encode(envelope(InvalidContentTypeError())))
    assert schemas["Refused"].is_valid(refusal)
    assert schemas["GrantRefused"].is_valid(grant)
    assert not schemas["Refused"].is_valid({"Errors": [{"ErrorCode": 404}]})


def test_arguments_stand_in_the_order_of_the_sdks() -> None:
    """Tools F6: generated clients take path parameters in the document's order."""
    swapped = replace(DELETE, path="/a/{aID}/b/{bID}", arguments=("bID", "aID"))
    assert [one["name"] for one in operation(described(swapped), swapped)["parameters"]] == ["bID", "aID"]


def test_enumerated_path_parameters() -> None:
    """Tools F6: `direction` is the enumeration OrderDirection."""
    sent = replace(DELETE, path="/orders/{direction}/{orderID}")
    found = described(sent)
    assert operation(found, sent)["parameters"][0]["schema"] == {
        "$ref": "#/components/schemas/OrderDirection"
    }
    assert found["components"]["schemas"]["OrderDirection"]["enum"] == ["Incoming", "Outgoing", "All"]


def test_list_oapi_5() -> None:
    found = operation(described(LIST), LIST)
    assert found["responses"]["200"]["content"]["application/json"]["schema"] == {
        "type": "object",
        "properties": {
            "Items": {"type": "array", "items": {"$ref": "#/components/schemas/Catalog"}},
            "Meta": {"$ref": "#/components/schemas/Meta"},
        },
    }
    parameters = {parameter.pop("name"): parameter for parameter in found["parameters"]}
    assert list(parameters) == [
        "size", "partner", "search", "searchOn", "sortBy", "page", "pageSize", "filters",
    ]  # fmt: skip
    assert parameters["size"]["schema"] == {"$ref": "#/components/schemas/Extent"}
    assert parameters["size"]["description"] == "Only of this size."
    assert parameters["partner"]["required"] is True
    for name, names in (("searchOn", ["ID", "Name"]), ("sortBy", ["Name", "ID", "!Name", "!ID"])):
        assert parameters[name]["schema"] == {"type": "array", "items": {"type": "string", "enum": names}}
        assert (parameters[name]["style"], parameters[name]["explode"]) == ("form", False)
    assert parameters["page"]["schema"]["minimum"] == 1
    assert parameters["pageSize"]["schema"]["maximum"] == 100
    assert parameters["filters"]["schema"] == {"type": "object"}
    assert (parameters["filters"]["style"], parameters["filters"]["explode"]) == ("form", True)


@pytest.mark.parametrize(
    ("lists", "names", "meta"),
    [
        (ListOptions(bare=True), ["page", "pageSize"], "Meta"),
        (ListOptions(sort=("ID",)), ["sortBy", "page", "pageSize", "filters"], "Meta"),
        (
            ListOptions(search=None, sort=None, premium=True, facets=True),
            ["search", "searchOn", "searchType", "sortBy", "page", "pageSize", "filters"],
            "MetaWithFacets",
        ),
    ],
)
def test_list_options_oapi_5(lists: ListOptions, names: list[str], meta: str) -> None:
    found = described(replace(LIST, lists=lists, query=()))
    one = operation(found, LIST)
    parameters = {parameter["name"]: parameter for parameter in one["parameters"]}
    assert list(parameters) == names
    page = one["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
    assert page["Meta"] == {"$ref": f"#/components/schemas/{meta}"}
    if lists.premium:
        assert parameters["searchType"]["schema"] == {"$ref": "#/components/schemas/SearchType"}
        assert found["components"]["schemas"]["SearchType"]["enum"][0] == "AnyTerm"
        assert parameters["searchOn"]["schema"]["items"] == {"type": "string"}
    facets = found["components"]["schemas"].get("MetaWithFacets", {}).get("properties", {})
    assert ("Facets" in facets) is lists.facets


# --- OAPI-6: schemas ----------------------------------------------------------------------------------------


def test_schemas_oapi_6() -> None:
    schemas = described(LIST, CREATE)["components"]["schemas"]
    assert list(schemas) == ["Catalog", "Error", "Errors", "Extent", "Label", "Meta"]
    assert schemas["Extent"] == {
        "type": "string",
        "enum": ["Small", "Large"],
        "description": "How large it is.",
    }
    catalog = schemas["Catalog"]
    assert catalog["description"] == "A thing with every kind of property."
    assert catalog["properties"] == {
        "ID": {"type": "string", "nullable": True, "maxLength": 100},
        "Name": {"type": "string", "description": "What people call it.", "minLength": 2, "maxLength": 50},
        "Password": {"type": "string", "format": "password", "nullable": True},
        "Count": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 9},
        "Price": {"type": "number", "format": "float", "nullable": True},
        "Active": {"type": "boolean", "default": True},
        "Size": {"$ref": "#/components/schemas/Extent"},
        "First": {"type": "object", "allOf": [{"$ref": "#/components/schemas/Label"}], "nullable": True},
        "Labels": {"type": "array", "items": {"$ref": "#/components/schemas/Label"}},
        "Tags": {"type": "array", "items": {"type": "string"}},
        "DateCreated": {"type": "string", "format": "date-time", "readOnly": True},
        "xp": {"type": "object", "nullable": True},
    }
    assert catalog["example"] == {
        "ID": "",
        "Name": "Name",
        "Password": "",
        "Count": 1,
        "Price": 0,
        "Active": True,
        "Size": "Small",
        "First": {"Words": "Words"},
        "Labels": [{"Words": "Words"}],
        "Tags": [],
        "DateCreated": "2030-01-31T09:30:00+00:00",
        "xp": {},
    }
    assert "example" not in schemas["Label"]  # nobody sends one alone


class Stamp(enum.StrEnum):
    """Which mark it bears."""

    RED = "Red"


class Alone(Wire):
    """What stands nowhere else."""

    Words: Text = column()


class Loose(Wire):
    """What holds a free object."""

    xp: Xp = column()


class Stored(Wire):
    """What is always there."""

    DateCreated: Date = column()


class Gadget(Wire):
    """What holds every kind of what may be null."""

    Size: Extent = column(read_only=True)
    Stamp: Stamp = column(nullable=True)
    First: Label = column()
    Labels: list[Label] = column()
    Inner: Alone = column()
    Free: Loose = column()
    Sent: Stored = column(required=True)


def test_closed_models_say_that_they_have_nothing_else() -> None:
    """Those of the contract take what they do not have, and pass it over (BODY-2)."""
    schemas = json.loads(render(build_registry(), BASE_URL))["components"]["schemas"]
    closed = {name for name, schema in schemas.items() if schema.get("additionalProperties") is False}
    assert closed >= {"Fault", "ClockSetting", "TestMarketplaceOrigin", "BatchRequest"}
    assert closed.isdisjoint({"Buyer", "Product", "MarketplaceClock"})


def test_what_may_be_null_in_the_document() -> None:
    """Tools F1, F4b, applications F1: the form that strict validators, linters, generators and the vendor's
    applications read alike. Nothing stands beside an enumeration's reference, so its schema says what holds in all of
    its places; a model that also stands where null may not leaves its type to the places.
    """
    found = described(replace(LIST, returns=Returns(Gadget, page=True)))
    schemas = found["components"]["schemas"]
    assert schemas["Gadget"]["properties"] == {
        "Size": {"$ref": "#/components/schemas/Extent"},
        "Stamp": {"$ref": "#/components/schemas/Stamp"},
        "First": {"type": "object", "allOf": [{"$ref": "#/components/schemas/Label"}], "nullable": True},
        "Labels": {"type": "array", "items": {"$ref": "#/components/schemas/Label"}},
        "Inner": {"type": "object", "allOf": [{"$ref": "#/components/schemas/Alone"}], "nullable": True},
        "Free": {"type": "object", "allOf": [{"$ref": "#/components/schemas/Loose"}], "nullable": True},
        "Sent": {"type": "object", "allOf": [{"$ref": "#/components/schemas/Stored"}]},
    }
    said = {
        name: {
            keyword: schema[keyword]
            for keyword in ("type", "nullable", "readOnly", "enum")
            if keyword in schema
        }
        for name, schema in schemas.items()
    }
    assert said["Stamp"] == {"type": "string", "nullable": True, "enum": ["Red", None]}
    assert said["Gadget"] == said["Stored"] == {"type": "object"}
    assert said["Label"] == said["Loose"] == {}
    assert said["Alone"] == {"type": "object", "nullable": True}
    # Extent is also a query parameter of this list.
    assert "readOnly" not in said["Extent"]
    assert described(replace(LIST, query=(), returns=Returns(Gadget)))["components"]["schemas"]["Extent"][
        "readOnly"
    ]

    strict = OAS30ReadValidator({"$ref": "#/components/schemas/Gadget", "components": found["components"]})
    empty: dict[str, Any] = {
        "Size": "Small",
        "Stamp": None,
        "First": None,
        "Labels": [],
        "Inner": None,
        "Free": None,
    }
    assert strict.is_valid({**empty, "Sent": {"DateCreated": "2030-01-31T09:30:00+00:00"}})
    for wrong in (
        {"Size": None},
        {"Labels": None},
        {"Sent": None},
        {"Sent": {"DateCreated": None}},
        {"First": 1},
    ):
        assert not strict.is_valid(wrong), wrong


def test_decimal_limits_are_numbers() -> None:
    priced = new_model("Priced")
    priced.__columns__ = {
        "Price": replace(Catalog.__columns__["Price"], minimum=Decimal("0.50"), default=Decimal("1.25"))
    }
    schema = described(replace(PATCH, body=Body(priced), returns=Returns(priced)))["components"]["schemas"][
        "Priced"
    ]
    assert schema["properties"]["Price"]["minimum"] == 0.5
    assert schema["example"] == {"Price": 1.25}


def test_two_models_of_one_name_stop_the_document() -> None:
    other = new_model("Catalog")
    with pytest.raises(AmbiguousNameError, match="Catalog"):
        described(LIST, replace(PATCH, returns=Returns(other)))


# --- the document as a whole --------------------------------------------------------------------------------

REGISTRIES = {"server": build_registry, "contract": contract_registry}


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"].removeprefix("#/components/")
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


@pytest.mark.parametrize("which", REGISTRIES)
def test_whole_document(which: str) -> None:
    """Valid; every operation once, under a tag of the document; no schema missing, none unused; examples that fit."""
    registry = REGISTRIES[which]()
    found = json.loads(render(registry, BASE_URL))
    errors = list(OpenAPIV30SpecValidator(found).iter_errors())
    assert not errors

    described_operations = [one for verbs in found["paths"].values() for one in verbs.values()]
    ids = [one["operationId"] for one in described_operations]
    assert sorted(ids) == sorted(registry.operations)
    resources = {tag["name"] for tag in found["tags"] if "x-section-id" in tag}
    assert {one["tags"][0] for one in described_operations} == resources
    sections = {tag["x-id"] for tag in found["tags"] if "x-id" in tag}
    assert {tag["x-section-id"] for tag in found["tags"] if "x-section-id" in tag} == sections

    components, schemas = found["components"], found["components"]["schemas"]
    declared = {f"{kind}/{name}" for kind in ("schemas", "responses") for name in components[kind]}
    assert set(references(found)) == declared
    for name, schema in schemas.items():
        if "example" in schema:
            inlined = {**schema, "components": components}
            fitting = OAS30ReadValidator(inlined)
            assert not [error.message for error in fitting.iter_errors(schema["example"])], name


def test_the_vendors_admin_can_hold_the_document() -> None:
    """It keeps the document in the browser's storage, which has five million characters, with each reference resolved,
    and parses that for every page: descriptions and examples are for what many would miss.
    """
    text = render(build_registry(), BASE_URL)
    assert len(text) < 800_000
    found = json.loads(text)
    assert len(encode(resolved(found, found))) < 3_000_000


def resolved(part: Any, root: dict[str, Any], within: tuple[str, ...] = ()) -> Any:
    """The part without references, but for those to what it stands in."""
    if isinstance(part, list):
        return [resolved(item, root, within) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" not in part:
        return {name: resolved(value, root, within) for name, value in part.items()}
    target = part["$ref"]
    if target in within:
        return part
    found: Any = root
    for step in target.split("/")[1:]:
        found = found[step]
    return resolved(found, root, (*within, target))


def test_rendering_is_repeatable_and_names_its_host() -> None:
    registry = contract_registry()
    first = render(registry, BASE_URL)
    assert first == render(registry, BASE_URL)
    assert json.loads(first) == document(registry, BASE_URL)
    assert first.replace(BASE_URL.encode(), b"https://other.example") == render(
        registry, "https://other.example"
    )


def test_con_2_the_operations_of_a_resource_are_told_apart_by_their_summaries() -> None:
    """Trees and generated pages show nothing else."""
    seen: dict[tuple[str, str], str] = {}
    for operation in build_registry().operations.values():
        other = seen.setdefault((operation.tag, operation.summary), operation.id)
        assert other == operation.id, f"{other} and {operation.id}: {operation.summary}"
