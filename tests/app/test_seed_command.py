"""`entrepot seed`, `validate` and `download` as a person runs them, and the demo's file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import asyncpg
import pytest
from benchmarks import catalog_marketplace
from tests.app.commands import KEY, entrepot

from entrepot.app.demo.making import CLIENTS, FILE, USERS
from entrepot.features.seeding.reading import Record, read_records
from entrepot.storage import priority
from entrepot.storage.embedded import running_url

EVERYTHING = Path(__file__).parents[1] / "api" / "seeds" / "everything.yml"
SHOP = """
Objects:
  Buyers:
    - ID: acme
      Name: Acme
  ApiClients:
    - ID: web
      AppName: Web
      AccessTokenDuration: 60
      AllowAnyBuyer: true
"""


@pytest.fixture
def settings(database_url: str) -> dict[str, str]:
    return {"ENTREPOT_DATABASE_URL": database_url, "ENTREPOT_SECRET_KEY": KEY}


def test_seed_download_and_seed_again(tmp_path: Path, settings: dict[str, str]) -> None:
    """The new marketplace and its clients are told; bars and refusals are on standard error."""
    file, copy = tmp_path / "shop.yml", tmp_path / "copy.yml"
    file.write_text(SHOP)
    made = entrepot("seed", str(file), "--marketplace", "shop", "--name", "Shop", **settings)
    assert made.returncode == 0, made.stderr
    assert re.search(r"^ +1 +Buyers$", made.stdout, re.MULTILINE)
    assert "Marketplace  shop" in made.stdout
    assert re.search(r"API client   [0-9A-F-]{36} \(web in the file\)", made.stdout)
    assert "100 %" in made.stderr

    again = entrepot("seed", str(file), "-i", "SHOP", **settings)
    assert again.returncode == 1
    assert "there is a marketplace SHOP already" in again.stderr
    assert "Traceback" not in again.stderr

    loaded = entrepot("download", "shop", str(copy), **settings)
    # The buyer's default catalog and its assignment came with it (BUY-1, BUY-2).
    assert (loaded.returncode, loaded.stdout.strip()) == (0, f"4 records in {copy}"), loaded.stderr
    kinds = Counter(record.kind for record in read_records(copy))
    assert kinds == {"Buyers": 1, "Catalogs": 1, "CatalogAssignments": 1, "ApiClients": 1}
    assert entrepot("seed", str(copy), "-i", "other", **settings).returncode == 0
    assert entrepot("download", "nowhere", str(copy), **settings).returncode == 1


async def test_reliability_r6_a_seed_has_the_processor_after_others(home: Path, tmp_path: Path) -> None:
    """Its process and, in the embedded database, its session; what it reads from a pipe, it reads when we have looked."""
    pipe = tmp_path / "shop.yml"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "entrepot", "seed", str(pipe), "--data-dir", str(home)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as seeding, pipe.open("w") as file:
        url = running_url(home)
        assert url is not None
        connection = await asyncpg.connect(url)
        sessions = await connection.fetch(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'entrepot'"
        )
        await connection.close()
        niceness = {os.getpriority(os.PRIO_PROCESS, row["pid"]) for row in sessions}
        assert os.getpriority(os.PRIO_PROCESS, seeding.pid) == priority.PROCESS
        assert priority.SESSION in niceness
        file.write(SHOP)
    assert seeding.returncode == 0


def test_validate_refuses_what_a_seed_would(tmp_path: Path) -> None:
    """Also what only the database knows; it brings one of its own, and nothing of it stays (tools F13)."""
    file = tmp_path / "shop.yml"
    file.write_text(SHOP)
    good = entrepot("validate", str(file))
    assert (good.returncode, good.stdout.strip()) == (0, "2 records, nothing wrong with them.")
    file.write_text(SHOP.replace("Name: Acme", "Nome: Acme"))
    bad = entrepot("validate", str(file))
    assert bad.returncode == 1
    assert "line 4: Buyers.acme.Name: Name is required." in bad.stderr
    file.write_text(SHOP + "      OrderCheckoutIntegrationEventID: none\n")
    bad = entrepot("validate", str(file))
    assert bad.returncode == 1
    assert "IntegrationEvent none" in bad.stderr
    assert entrepot("validate", str(tmp_path / "none.yml")).returncode == 2


def test_the_demo_is_worth_looking_at() -> None:
    """Sixty products with all that a catalog has, two suppliers, two buyers with groups; who logs in is there."""
    records = list(read_records(FILE))
    kinds = Counter(record.kind for record in records)
    assert kinds["Products"] >= 60
    assert kinds["Suppliers"] == kinds["Buyers"] == 2
    assert min(kinds[name] for name in ("UserGroups", "Specs", "ProductFacets", "ProductAssignments")) >= 4
    ids = _ids(records)
    assert ids["ApiClients"] == set(CLIENTS.values())
    assert ids["AdminUsers"] | ids["Users"] | ids["SupplierUsers"] > USERS.keys()
    prices = [record.value for record in records if record.kind == "PriceSchedules"]
    assert any(len(price["PriceBreaks"]) > 1 for price in prices)
    assert any("SalePrice" in each for price in prices for each in price["PriceBreaks"])
    above = {r.value["ID"]: r.value.get("ParentID") for r in records if r.kind == "Categories"}
    assert max(_depth(category, above) for category in above) == 3


def test_the_benchmarks_marketplace_can_be_seeded(tmp_path: Path) -> None:
    """At a five-hundredth of its size."""
    file = tmp_path / "catalog.yml"
    size = catalog_marketplace.write(file, scale=0.002)
    kinds = Counter(record.kind for record in read_records(file))
    assert kinds["Products"] == size.products == 200
    assert kinds["UserGroups"] == kinds["ProductAssignments"] == size.buyers * catalog_marketplace.GROUPS
    done = entrepot("validate", str(file))
    assert done.returncode == 0, done.stderr


def _ids(records: list[Record]) -> dict[str, set[str]]:
    ids: dict[str, set[str]] = {}
    for record in records:
        ids.setdefault(record.kind, set()).add(record.value.get("ID"))
    return ids


def _depth(category: str, above: dict[str, str | None]) -> int:
    parent = above[category]
    return 1 if parent is None else 1 + _depth(parent, above)


def test_properties_that_nothing_reads_are_told_with_their_lines(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    """And passed over, as the vendor's tool does: its files may have what this server does not know."""
    file = tmp_path / "shop.yml"
    file.write_text("""Objects:
  Buyers:
    - {ID: acme, name: Acme, Nme: Acme, DateCreated: 2020-01-01T00:00:00Z}
  Products:
    - {ID: lamp, Name: Lamp, xp: {Nme: free}, Inventory: {Enabled: true}}
    - {ID: sofa, Name: Sofa, Inventory: {Enabld: true}, Pric: 1}
    - {ID: bed, Name: Bed, Pric: 1}
""")
    told = [
        "line 3: Buyers.Nme: there is no such property; it is passed over",
        "line 6: Products.Pric: there is no such property; it is passed over (1 more have it)",
        "line 6: Products.Inventory.Enabld: there is no such property; it is passed over",
    ]
    for command in (
        ["validate", str(file)],
        ["seed", str(file), "-i", "misspelt"],
        ["apply", str(file), "-i", "misspelt"],
    ):
        done = entrepot(*command, **(settings if command[0] != "validate" else {}))
        assert done.returncode == 0, done.stderr
        assert [line for line in done.stderr.splitlines() if line.startswith("line ")] == told
    known = entrepot("validate", str(EVERYTHING))
    assert (known.returncode, "no such property" in known.stderr) == (0, False), known.stderr
