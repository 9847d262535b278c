"""The official seeding tool, unmodified: its hosts resolve to a server of our own, with a certificate of our own (SEED, PORT-12)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.certificates import certificate
from tests.conformance.running import NODE, Shop, node, running_shop
from tests.conformance.tls_front import tls_front

TOOL = NODE / "node_modules/@ordercloud/seeding"
HOSTS = ("portal.ordercloud.io", "api.ordercloud.io")
"""Constants of the tool's code."""
OWN_HOST = "sandbox.entrepot.example"
"""The tool seeds nothing whose address has no `sandbox` in it."""

pytestmark = pytest.mark.usefixtures("node_packages")


@dataclass(frozen=True)
class Tool:
    """The tool in a folder of its own."""

    shop: Shop
    folder: Path
    environment: dict[str, str]

    def __call__(self, *arguments: str) -> str:
        """What it prints; whatever comes of it, it ends with 0."""
        done: subprocess.CompletedProcess[str] = node(
            str(TOOL / "dist/cli.js"), *arguments, shop=self.shop, **self.environment
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tool]:
    folder = tmp_path_factory.mktemp("tool")
    context, file = certificate(folder, *HOSTS, OWN_HOST)
    with (
        running_shop(f"https://{OWN_HOST}") as shop,
        tls_front(context, int(shop.url.rpartition(":")[2])) as port,
    ):
        environment = {
            "NODE_OPTIONS": f"--require {NODE / 'seeding/hosts.cjs'}",
            "NODE_EXTRA_CA_CERTS": str(file),
            "HOSTS_PORT": str(port),
        }
        yield Tool(shop, folder, environment)


def test_seed_3_validate(tool: Tool) -> None:
    said = tool("validate", str(TOOL / "seeds/Simple-B2C.yml"))
    assert "Data validated and ready for seeding." in said
    assert "ERROR" not in said
