"""The document and the reference page over HTTP: no token, and nothing from any other host."""

from __future__ import annotations

import json
import re
from contextlib import AbstractAsyncContextManager

import pytest
from tests.conformance.contract_registry import contract_registry
from tests.http.driver import App, ask

from entrepot.http import docs
from entrepot.http.asgi import build_app
from entrepot.http.docs.page import FILES, OWN
from entrepot.http.exchange import Opened
from entrepot.http.openapi import PATH, document
from entrepot.http.openapi import routes as described

BASE_URL = "http://shop.example"


def unopened() -> AbstractAsyncContextManager[Opened]:
    raise NotImplementedError


@pytest.fixture(scope="module")
def app() -> App:
    """An application that was not started: these pages need neither a database nor a token."""
    registry = contract_registry()
    resources = [*described(registry, BASE_URL, "Staging"), *docs.routes(BASE_URL)]
    return build_app(registry, unopened, base_url=BASE_URL, resources=resources)


async def test_document_oapi_1(app: App) -> None:
    answer = await ask(app, "GET", "/v1/openapi/v3")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json == document(contract_registry(), BASE_URL)
    packed = await ask(app, "GET", "/V1/OpenAPI/v3", headers=[("Accept-Encoding", "gzip")])
    assert len(packed.body) < len(answer.body) / 5
    assert packed.json == answer.json


async def test_the_environment_names_the_document_oapi_1(app: App) -> None:
    """Applications F7: who keeps the document asks here whether it is still the newest."""
    answer = await ask(app, "GET", "/env")
    version = (await ask(app, "GET", PATH)).json["info"]["version"]
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json == {"BuildNumber": version, "Environment": "Staging", "Version": version}


async def test_every_file_of_the_page_is_served(app: App) -> None:
    for path, file in FILES.items():
        answer = await ask(app, "GET", path)
        assert (answer.status, answer.body) == (200, file.read_bytes()), path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert f"connect-src 'self' {BASE_URL}" in answer.headers["content-security-policy"]


async def test_the_page_names_only_what_is_served(app: App) -> None:
    page = (OWN / "index.html").read_text("utf-8") + (OWN / "reference.js").read_text("utf-8")
    named = set(re.findall(r'(?:src|href|url)(?:=|: )"([^"]+)"', page))
    assert named == FILES.keys() - {"/docs"} | {PATH}
    for path in named:
        assert (await ask(app, "GET", path)).status == 200
    assert "<script>" not in page  # the content policy admits script files only


@pytest.mark.parametrize("path", ["/docs/index.html", "/docs/..%2fpage.py", "/docs/page.py"])
async def test_nothing_else_of_the_folder_is_served(app: App, path: str) -> None:
    assert (await ask(app, "GET", path)).status == 404


async def test_the_page_is_read_only(app: App) -> None:
    answer = await ask(app, "POST", "/docs", body=json.dumps({}).encode())
    assert (answer.status, answer.codes) == (405, ["MethodNotAllowed"])
