"""The official seeding tool, unmodified, makes marketplaces on a server of our own and copies them (SEED, PORT-5, PORT-7, PORT-12).

Its hosts are constants of its code. Once they resolve to this machine, where a certificate of our own bears their names; once the file
of the guide leads its requests here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from tests.app.commands import entrepot
from tests.certificates import certificate
from tests.conformance.running import NODE, Shop, node, running_shop
from tests.conformance.tls_front import tls_front
from tests.strict import ROOT

from entrepot.kernel.ids import new_id

TOOL = NODE / "node_modules/@ordercloud/seeding"
HOSTS = ("portal.ordercloud.io", "api.ordercloud.io")
OWN_HOST = "sandbox.entrepot.example"
"""The tool seeds nothing whose address has no `sandbox` in it."""
OWN = NODE / "document/own.yml"
PLACEHOLDER, REDACTED = "<MarketplaceID placeholder>", "<Redacted. Leave unchanged.>"

pytestmark = pytest.mark.usefixtures("node_packages")


@dataclass(frozen=True)
class Tool:
    """The tool, led to a server."""

    shop: Shop
    environment: dict[str, str]

    def __call__(self, *arguments: str) -> str:
        """What it prints; whatever comes of it, it ends with 0."""
        done = node(str(TOOL / "dist/cli.js"), *arguments, shop=self.shop, **self.environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    @property
    def login(self) -> tuple[str, ...]:
        """The account that owns the demo marketplace."""
        return "-u", self.shop.demo["portal"]["username"], "-p", self.shop.demo["portal"]["password"]

    def seed(self, file: Path, *more: str) -> tuple[str, str]:
        """The ID of a new marketplace, and what was said."""
        marketplace = new_id()
        said = self("seed", str(file), "-i", marketplace, *self.login, *more)
        assert f'Done! Seeded a new marketplace with ID "{marketplace}"' in said, said
        return marketplace, said

    def download(self, marketplace: str, file: Path) -> dict[str, Any]:
        """What it writes of a marketplace."""
        said = self("download", "-i", marketplace, "-f", str(file), *self.login)
        assert f"Wrote to file {file}" in said, said
        found: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
        return found


@contextmanager
def resolved(folder: Path, prepared: Path) -> Iterator[Tool]:
    """Names resolve to this machine, and TLS is what it always is."""
    context, file = certificate(folder, *HOSTS, OWN_HOST)
    with (
        running_shop(prepared, f"https://{OWN_HOST}") as shop,
        tls_front(context, int(shop.url.rpartition(":")[2])) as port,
    ):
        environment = {
            "NODE_OPTIONS": f"--require {NODE / 'seeding/hosts.cjs'}",
            "NODE_EXTRA_CA_CERTS": str(file),
            "HOSTS_PORT": str(port),
        }
        yield Tool(shop, environment)


@contextmanager
def led(_: Path, prepared: Path) -> Iterator[Tool]:
    """As the guide says it, without TLS."""
    with running_shop(prepared, host="sandbox.localhost") as shop:
        led_by = ROOT / "docs/guide/seeding-tool.cjs"
        yield Tool(shop, {"NODE_OPTIONS": f"--require {led_by}"})


WAYS: tuple[Callable[[Path, Path], AbstractContextManager[Tool]], ...] = (resolved, led)


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[dict[str, Tool]]:
    """The tool, led to a server of its own in either way."""
    with ExitStack() as stack:
        yield {
            way.__name__: stack.enter_context(way(tmp_path_factory.mktemp("tool"), prepared)) for way in WAYS
        }


@pytest.fixture(params=[way.__name__ for way in WAYS])
def tool(request: pytest.FixtureRequest, tools: dict[str, Tool]) -> Tool:
    return tools[request.param]


def test_seed_4_seed_download_validate(tools: dict[str, Tool], tmp_path: Path) -> None:
    """The vendor's template becomes a marketplace; what is downloaded of it is valid, and makes the same marketplace again, which
    the other way leads to another server.
    """
    one, other = tools["resolved"], tools["led"]
    file, first, second = TOOL / "seeds/Simple-B2C.yml", tmp_path / "first.yml", tmp_path / "second.yml"
    marketplace, said = one.seed(file, "-n", "A shop")
    assert f'Created new marketplace with Name "A shop" and ID "{marketplace}".' in said
    assert "failed" not in said
    copied = one.download(marketplace, first)
    written = yaml.safe_load(file.read_text("utf-8"))
    # Variants are generated, and then written where the file has them.
    variants = sum(each["VariantCount"] for each in written["Objects"]["Products"])
    assert differing(counted(copied), counted(written) | {"Variants": variants}) == {}
    assert "Data validated and ready for seeding." in one("validate", str(first))
    again, said = other.seed(first, "-r", "usw")
    assert "failed" not in said
    assert unlike(copied, other.download(again, second)) == {}


def test_seed_5_every_kind(tool: Tool, tmp_path: Path) -> None:
    """Approval rules, specs with options and a default, message senders, events: owners and secrets are placeholders in the file."""
    marketplace, _ = tool.seed(OWN)
    copied = tool.download(marketplace, tmp_path / "copy.yml")
    assert {kind: len(rows) for kind, rows in objects(copied).items()} == {
        kind: len(rows) for kind, rows in objects(yaml.safe_load(OWN.read_text("utf-8"))).items()
    }
    [product] = copied["Objects"]["Products"]
    assert product["OwnerID"] == PLACEHOLDER
    [event] = copied["Objects"]["IntegrationEvents"]
    assert event["HashKey"] == REDACTED


def test_seed_3_what_this_server_downloads_is_valid_there(tool: Tool, tmp_path: Path) -> None:
    """Also with the kinds that the tool does not know: it looks at those that it does."""
    marketplace, _ = tool.seed(OWN)
    file = tmp_path / "ours.yml"
    data = {"ENTREPOT_DATA_DIR": str(tool.shop.demo_file.parent)}
    done = entrepot("download", marketplace, str(file), **data)
    assert done.returncode == 0, done.stderr
    assert "  PromotionCodes: []" in file.read_text("utf-8")
    assert "Data validated and ready for seeding." in tool("validate", str(file))


def test_port_7_what_exists_is_not_seeded_again(tool: Tool) -> None:
    """Of whomever a marketplace is."""
    marketplace = tool.shop.demo["marketplaceID"]
    said = tool("seed", str(OWN), "-i", marketplace, *tool.login)
    assert f'A marketplace with ID "{marketplace}" already exists.' in said
    said = tool("seed", str(OWN), "-i", new_id(), "-r", "nowhere", *tool.login)
    assert "Couldn't create marketplace" in said
    for arguments in (("seed", str(OWN)), ("download", "-i", marketplace, "-f", "never")):
        assert "were not valid" in tool(*arguments, "-u", tool.login[1], "-p", "wrong")
    assert "not found" in tool("download", "-i", new_id(), "-f", "never", *tool.login)


def test_the_marketplace_is_the_accounts_own(tool: Tool) -> None:
    """Nobody else's account finds what the tool has made."""
    marketplace, _ = tool.seed(OWN)
    form = {"grant_type": "password", "username": tool.login[1], "password": tool.login[3]}
    with httpx.Client(base_url=f"{tool.shop.url}/api/v1", trust_env=False) as http:
        token = http.post("/oauth/token", data=form).json()["access_token"]
        found = http.get(f"/organizations/{marketplace}", headers={"Authorization": f"Bearer {token}"}).json()
        assert (found["Owner"]["Username"], found["Environment"]) == (tool.login[1], "Sandbox")
        assert "sandbox" in found["CoreApiUrl"]


def objects(data: dict[str, Any]) -> dict[str, list[Any]]:
    """The kinds of things that there are any of, in either part of a file."""
    both = {**data.get("Objects", {}), **data.get("Assignments", {})}
    return {kind: rows for kind, rows in both.items() if rows}


def counted(data: dict[str, Any]) -> dict[str, int]:
    return {kind: len(rows) for kind, rows in objects(data).items()}


def differing(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What two have of the keys of which they do not have the same."""
    keys = one.keys() | other.keys()
    return {key: (one.get(key), other.get(key)) for key in keys if one.get(key) != other.get(key)}


def unlike(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Kinds whose rows differ in more than when they were made, and in more than the IDs of API clients."""
    return differing(
        *({kind: comparable(rows) for kind, rows in objects(each).items()} for each in (one, other))
    )


MADE = {"DateCreated", "LastUpdated", "LastActive", "PasswordLastSetDate", "ClientSecret"}


CLIENTS = {"ApiClientID", "ClientID", "ApiClientIDs", "OrderCloudApiClientID"}


def comparable(rows: list[Any]) -> list[str]:
    """Rows as texts, in an order of their own."""
    return sorted(repr(stripped(row, {"ID"} if "AllowAnyBuyer" in row else set())) for row in rows)


def stripped(value: Any, more: set[str]) -> Any:
    """Without what no two marketplaces share, however deep."""
    if isinstance(value, list):
        return [stripped(each, set()) for each in value]
    if not isinstance(value, dict):
        return value
    left_out = MADE | CLIENTS | more
    return {name: stripped(value[name], set()) for name in sorted(value) if name not in left_out}
