"""Routes: case, slashes, encodings (CONV-8); 404 before 405 before 401 (CONV-9); HEAD and OPTIONS."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import falcon
import pytest
from falcon.asgi import Response
from tests.http.driver import ask, started
from tests.http.shop import BASE_URL, KEEPER, operation, operations, shop

from entrepot.declare.operation import Created, Reply
from entrepot.engine.call import Call
from entrepot.http.asgi import App
from entrepot.http.request import Request
from entrepot.http.routing import Route, Router, mounted, shape

CONTRACT = Path(__file__).parents[1] / "conformance" / "contract"


@pytest.mark.parametrize(
    ("target", "operation", "path"),
    [
        ("/v1/things", "Things.List", {}),
        ("/V1/THINGS", "Things.List", {}),
        ("/v1/things/", "Things.List", {}),
        ("/v1/things/AbC", "Things.Get", {"thingID": "AbC"}),
        ("/v1/Things/AbC/", "Things.Get", {"thingID": "AbC"}),
        ("/v1/things/Assignments", "Things.ListAssignments", {}),
        ("/v1/things/assignments/parts", "Things.ListParts", {"thingID": "assignments"}),
        ("/v1/things/X/parts/Y", "Things.GetPart", {"thingID": "X", "partID": "Y"}),
        ("/v1/th%69ngs/%41", "Things.Get", {"thingID": "A"}),
        ("/v1/things/a%2Fparts", "Things.Get", {"thingID": "a/parts"}),
        ("/v1/things/a%2fb/PARTS/c%2F", "Things.GetPart", {"thingID": "a/b", "partID": "c/"}),
        ("/v1/things/a+b%20c", "Things.Get", {"thingID": "a+b c"}),
        ("/v1/things/%", "Things.Get", {"thingID": "%"}),
        ("/v1/things/a%25b", "Things.Get", {"thingID": "a%b"}),
        ("/v1/things/%C3%96l", "Things.Get", {"thingID": "Öl"}),
        ("/v1/things/%C4%B0", "Things.Get", {"thingID": "%C4%B0"}),
        ("/v1/things/..", "Things.Get", {"thingID": ".."}),
        ("/v1/things/%2e%2e/parts", "Things.ListParts", {"thingID": ".."}),
        ("/v1/things/%7Bp2%7D", "Things.Get", {"thingID": "{p2}"}),
    ],
)
async def test_a_path_reaches_its_operation(
    app: App, target: str, operation: str, path: dict[str, str]
) -> None:
    answer = await ask(app, "GET", target, token=KEEPER)
    assert (answer.status, answer.json["operation"], answer.json["path"]) == (200, operation, path)


@pytest.mark.parametrize(
    "target",
    [
        "/v1/nope",
        "/things",
        "/v1",
        "/v1/things//parts",
        "/v1/things//",
        "//v1/things",
        "/v1//things",
        "/v1%2Fthings",
        "/v1/things/a/b/c/d",
        "/v1/things/a%00b",
        "/v1/things/%FF",
        "/v1/things/%C3",
        "/v1/../v1/things",
        "//",
    ],
)
async def test_an_unknown_route_is_not_found_whoever_asks(app: App, target: str) -> None:
    answer = await ask(app, "GET", target)
    assert answer.status == 404
    assert answer.json == {
        "Errors": [
            {
                "ErrorCode": "NotFound",
                "Message": "Object not found.",
                "Data": {"ObjectType": "Route", "ObjectID": f"GET {target}"},
            }
        ]
    }


@pytest.mark.parametrize("verb", ["DELETE", "PATCH", "TRACE", "PROPFIND", "PURGE"])
async def test_a_verb_that_the_path_lacks_is_405_with_allow(app: App, verb: str) -> None:
    answer = await ask(app, verb, "/v1/things")
    assert (answer.status, answer.codes) == (405, ["MethodNotAllowed"])
    assert answer.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert answer.json["Errors"][0]["Message"] == f"Method {verb} not allowed."
    assert answer.json["Errors"][0]["Data"] is None


async def test_options_needs_no_token_and_lists_the_verbs(app: App) -> None:
    answer = await ask(app, "OPTIONS", "/v1/things/x")
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["allow"] == "DELETE, GET, HEAD, PUT, OPTIONS"
    assert "content-type" not in answer.headers
    assert (await ask(app, "OPTIONS", "/v1/nope")).status == 404


async def test_head_answers_as_get_without_the_body(app: App) -> None:
    for target in [each.path for each in operations() if each.verb == "GET"]:
        path = "/v1" + target.replace("{", "").replace("}", "")
        get = await ask(app, "GET", path, token=KEEPER, headers=[("X-Request-ID", "same")])
        head = await ask(app, "HEAD", path, token=KEEPER, headers=[("X-Request-ID", "same")])
        assert head.body == b""
        assert (head.status, head.headers) == (get.status, get.headers), path


async def test_parameters_are_named_by_each_operation(app: App) -> None:
    """Two verbs of one path may name its parameter differently."""
    assert (await ask(app, "GET", "/v1/things/x", token=KEEPER)).json["path"] == {"thingID": "x"}
    assert (await ask(app, "DELETE", "/v1/things/x", token=KEEPER)).status == 204


async def test_only_oauth_stands_at_the_host_root(app: App) -> None:
    """AUTH-1."""
    assert (await ask(app, "POST", "/oauth/token", body=b"a=b")).json["operation"] == "Auth.Login"
    assert (await ask(app, "POST", "/v1/oauth/token", body=b"a=b")).status == 404


async def test_the_servers_own_operations_keep_their_prefix() -> None:
    """They stand at the host root, with a version of their own, and Location leads there."""

    async def create(call: Call) -> Reply:
        return Reply({"ID": "p1"}, created=Created("p1"))

    own = operation("Parcels.Create", "POST", "/entrepot/v1/parcels", create, status=201)
    async with started(shop(extra=[own])) as app:
        made = await ask(app, "POST", "/Entrepot/v1/parcels", token=KEEPER, body=b"")
        assert (made.status, made.headers["location"]) == (201, f"{BASE_URL}/entrepot/v1/parcels/p1")
        assert (await ask(app, "POST", "/v1/entrepot/v1/parcels", token=KEEPER, body=b"")).status == 404
        assert (await ask(app, "POST", "/entrepot/v1/parcels", body=b"")).status == 401


async def test_the_query_arrives_raw(app: App) -> None:
    for query in ("xp.A=1&xp.A=%2A&b", "a=%00%FF&%", "a=\xff\xfe", "=" * 8000):
        answer = await ask(app, "GET", f"/v1/things?{query}", token=KEEPER)
        assert answer.status == 200
        assert answer.json["query"] == query.replace("\xff", "�").replace("\xfe", "�")


async def test_a_verb_that_only_falcon_knows_is_a_bad_request(app: App) -> None:
    assert (await ask(app, "WEBSOCKET", "/v1/things")).codes == ["Request.InvalidRequestBody"]


def test_every_path_of_the_contract_finds_its_own_operation() -> None:
    """No literal hides a parameter, no parameter a literal, also where an ID is spelled like a literal."""
    contract = json.loads((CONTRACT / "operations.json").read_text())
    router = Router()
    routes: dict[str, Route] = {}

    async def nothing() -> None: ...

    for entry in contract:
        template = shape(mounted(entry["path"]))
        route = routes.setdefault(template, Route(template))
        route.add(entry["verb"], nothing)
    for route in routes.values():
        router.add_route(route.template, route, _asgi=True)
    for entry in contract:
        for value in ("x1", "Assignments", "%2F"):
            path = re.sub(r"\{\w+\}", value, mounted(entry["path"]))
            found = router.find(path, SimpleNamespace(scope={"raw_path": path.upper().encode()}))
            literals = {t for t in routes if re.fullmatch(re.sub(r"\{p\d+\}", "[^/]+", t), path.lower())}
            assert found[3] in literals
            if value == "x1":
                assert found[3] == shape(mounted(entry["path"]))
                assert entry["verb"] in found[0].verbs


async def test_plain_resources_stand_beside_the_operations() -> None:
    class Files:
        async def on_get(self, req: Request, resp: Response, name: str) -> None:
            if name == "lost":
                raise falcon.HTTPNotFound
            resp.text = f"file {name}"

    async with started(shop(resources=[("/Files/{name}", Files())])) as app:
        answer = await ask(app, "GET", "/files/A%20b/")
        assert (answer.status, answer.body) == (200, b"file A b")
        assert (await ask(app, "HEAD", "/FILES/x")).headers["content-length"] == "6"
        assert (await ask(app, "POST", "/files/x")).headers["allow"] == "GET, HEAD, OPTIONS"
        lost = await ask(app, "GET", "/files/lost")
        assert lost.json["Errors"][0]["Data"] == {"ObjectType": "Route", "ObjectID": "GET /files/lost"}
