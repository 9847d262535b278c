"""What others' tools make of the document: linters have no error, generators keep its types, and the official seeding tool
takes valid files (tools F1, F4b, F5, F6; applications F1, F5).
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
from tests.conformance.contract_data import operations
from tests.conformance.facts import reachable
from tests.conformance.running import NODE, Shop, install_generators, node

from entrepot.declare.registry import Registry
from entrepot.declare.types import WireType

DOCUMENT = NODE / "document"
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
PRIMITIVES = {"decimal": "number", "integer": "integer", "boolean": "boolean", "xp": "object"}

pytestmark = pytest.mark.usefixtures("node_packages")


@pytest.fixture(scope="module")
def document(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's document in a file."""
    file = tmp_path_factory.mktemp("document") / "openapi.json"
    file.write_bytes(httpx.get(f"{shop.url}/v1/openapi/v3").content)
    return file


def tool(shop: Shop, name: str, *arguments: str) -> str:
    """What a tool from node_modules prints, which must succeed."""
    done = node(f"node_modules/.bin/{name}", *arguments, shop=shop, **QUIET)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def test_redocly(shop: Shop, document: Path) -> None:
    found = json.loads(tool(shop, "redocly", "lint", "--extends=recommended", "--format=json", str(document)))
    assert found["totals"]["errors"] == 0
    seen = {(problem["ruleId"], problem["location"][0]["pointer"]) for problem in found["problems"]}
    # A login by an identity provider ends elsewhere: whatever is good there is a redirect.
    leading = {(rule, where) for rule, where in seen if "~1ocrp" in where}
    assert {rule for rule, _ in leading} == {"operation-2xx-response"}
    assert {rule for rule, _ in seen - leading} <= {"info-license"}


def test_spectral(shop: Shop, document: Path) -> None:
    ruleset = str(DOCUMENT / "spectral.yml")
    found = json.loads(
        tool(
            shop,
            "spectral",
            "lint",
            "-r",
            ruleset,
            "-f",
            "json",
            "-q",
            "--fail-severity=error",
            str(document),
        )
    )
    assert {problem["code"] for problem in found if problem["severity"] <= 1} <= {"operation-description"}


def test_openapi_typescript(shop: Shop, document: Path, tmp_path: Path) -> None:
    """An application compiles against the types: objects where objects are answered, null where null may be."""
    tool(shop, "openapi-typescript", str(document), "-o", str(tmp_path / "schema.d.ts"))
    shutil.copy(DOCUMENT / "types.ts", tmp_path)
    tool(shop, "tsc", "--noEmit", "--strict", "--skipLibCheck", str(tmp_path / "types.ts"))


def test_openapi_python_client(document: Path, tmp_path: Path) -> None:
    """It takes every schema and operation, and keeps the models' names."""
    config = tmp_path / "config.yml"
    config.write_text("post_hooks: []\n", "utf-8")
    target = tmp_path / "client"
    done = subprocess.run(
        [install_generators() / "openapi-python-client", "generate", "--path", document, "--meta=none",
         "--output-path", target, "--config", config, "--fail-on-warning"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    models = {file.stem for file in (target / "models").glob("*.py")}
    assert models >= {"order", "address", "locale", "user", "buyer_product", "buyer_price_schedule"}


def test_the_generator_of_the_javascript_sdk(shop: Shop, document: Path, registry: Registry) -> None:
    """oc-codegen finds each operation with the arguments of the SDK, and each property with its type."""
    printed = tool(shop, "oc-codegen", "--debug", "--input-spec", str(document))
    found = json.loads(printed[printed.index("\n{") :])
    assert sorted(operation["id"] for operation in found["operations"]) == sorted(registry.operations)
    for operation in found["operations"]:
        entry = operations().get(operation["id"], {})
        arguments = [argument["name"] for argument in operation["pathParams"]]
        assert arguments == list(entry.get("path_params", arguments)), operation["id"]
        declared = registry.operations[operation["id"]]
        # What a stream tells is none of its answers.
        returns = None if declared.streams else declared.returns
        assert operation["returnType"] == (returns and returns.model.__name__)

    generated = {model["name"]: model for model in found["models"]}
    for name, model in reachable(list(registry.operations.values())).items():
        types = {one["name"]: (one["type"], one["isArray"]) for one in generated[name]["properties"]}
        assert types == {column.name: generated_type(column.type) for column in model.__columns__.values()}
    enumerations = {name for name, model in generated.items() if model["isEnum"]}
    assert enumerations >= {"OrderStatus", "OrderDirection", "PriceMarkupType", "PartyType", "SearchType"}


def generated_type(wire: WireType) -> tuple[str, bool]:
    """How oc-codegen names the type, and whether it is an array."""
    inner = wire.item or wire
    named = inner.enum or inner.model
    return named.__name__ if named else PRIMITIVES.get(inner.kind, "string"), wire.item is not None


def validated(shop: Shop, file: Path) -> str:
    """What the official seeding tool says of a file; it looks the document up at the server."""
    redirect = str(DOCUMENT / "seeding.cjs")
    done = node(
        "-r", redirect, "node_modules/@ordercloud/seeding/dist/cli.js", "validate", str(file), shop=shop
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


OFFICIAL = ("Inventory-Records-Example", "Locales-Example", "Simple-B2C", "Variant-Inventory-Records-Example", "Vercel-B2C")  # fmt: skip


@pytest.mark.parametrize("name", OFFICIAL)
def test_official_seeds_are_valid(shop: Shop, name: str) -> None:
    """Tools F1: the five that the package of the tool brings."""
    said = validated(shop, NODE / f"node_modules/@ordercloud/seeding/seeds/{name}.yml")
    assert "Data validated and ready for seeding." in said
    assert "ERROR" not in said


def test_seeds_of_our_own(shop: Shop) -> None:
    """Tools F1: every enumeration of the tool's kinds; and what is of a wrong type is found by the document."""
    assert "Data validated and ready for seeding." in validated(shop, DOCUMENT / "own.yml")
    refused = validated(shop, DOCUMENT / "wrong.yml")
    assert "ready for seeding" not in refused
    assert set(re.findall(r"(?:type|field) (\w+\.\w+)", refused)) == {
        "Products.Inventory",
        "Products.QuantityMultiplier",
        "Products.Name",
    }
