"""`entrepot diff`, `plan` and `apply` as a person or a build runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.app.commands import KEY, entrepot

from entrepot.kernel.ids import new_id

ONE = "Objects:\n  Buyers:\n    - {ID: acme, Name: Acme}\n    - {ID: gone, Name: Gone}\n"
OTHER = "Objects:\n  Buyers:\n    - {ID: acme, Name: Other}\n    - {ID: new, Name: New}\n"


@pytest.fixture
def settings(database_url: str) -> dict[str, str]:
    return {"ENTREPOT_DATABASE_URL": database_url, "ENTREPOT_SECRET_KEY": KEY}


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    paths = tmp_path / "one.yml", tmp_path / "other.yml"
    for path, text in zip(paths, (ONE, OTHER), strict=True):
        path.write_text(text)
    return str(paths[0]), str(paths[1])


def test_diff_ends_as_diff_does(files: tuple[str, str], settings: dict[str, str]) -> None:
    """0 for equal, 1 for different, 2 for what cannot be told; no colours where nobody looks."""
    one, other = files
    equal = entrepot("diff", one, one)
    assert (equal.returncode, equal.stdout, equal.stderr) == (0, "No differences.\n", "")
    different = entrepot("diff", one, other)
    assert different.returncode == 1
    assert different.stdout.splitlines() == [
        "~ Buyers acme",
        '    Name: "Acme" -> "Other"',
        "+ Buyers new",
        "- Buyers gone",
        "1 added, 1 changed, 1 removed.",
    ]
    told = entrepot("diff", one, other, "--json")
    found = json.loads(told.stdout)
    assert (told.returncode, found["Equal"]) == (1, False)
    assert [(each["Change"], each["ID"]["ID"]) for each in found["Differences"]] == [
        ("Changed", "acme"),
        ("Added", "new"),
        ("Removed", "gone"),
    ]
    nowhere = entrepot("diff", one, "nowhere", **settings)
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert nowhere.stderr == "entrepot: there is no file and no marketplace nowhere\n"
    Path(other).write_text(OTHER.replace("Name: New", "Nome: New"))
    bad = entrepot("diff", one, other)
    assert (bad.returncode, bad.stdout) == (2, "")
    assert "line 4: Buyers.new.Name: Name is required." in bad.stderr
    assert "Traceback" not in bad.stderr


def test_plan_and_apply(files: tuple[str, str], settings: dict[str, str]) -> None:
    """A plan ends with 2 where there is something to do; twice, apply does nothing."""
    one, other = files
    marketplace = f"shop{new_id()}"
    assert entrepot("seed", one, "-i", marketplace, **settings).returncode == 0
    here = ("--marketplace", marketplace)
    assert entrepot("plan", one, *here, **settings).returncode == 0
    plan = entrepot("plan", other, *here, "--prune", **settings)
    assert (plan.returncode, plan.stdout.splitlines()) == (
        2,
        [
            "+ Buyers new",
            "~ Buyers acme",
            '    Name: "Acme" -> "Other"',
            "- Buyers gone",
            "? Catalogs: 1 more in the marketplace; the file says nothing of the kind",
            "? CatalogAssignments: 1 more in the marketplace; the file says nothing of the kind",
            "1 to create, 1 to change, 1 to delete; 2 not in the file.",
        ],
    )
    detailed = entrepot("plan", other, *here, "--prune", "--details", **settings)
    assert detailed.stdout.splitlines()[5:7] == [
        "    Catalogs gone",
        "? CatalogAssignments: 1 more in the marketplace; the file says nothing of the kind",
    ]
    applied = entrepot("apply", other, *here, "--prune", **settings)
    assert applied.returncode == 0, applied.stderr
    assert "1 created, 1 changed, 1 deleted" in applied.stdout
    again = entrepot("apply", other, *here, "--prune", "--json", **settings)
    assert again.returncode == 0
    assert json.loads(again.stdout)["Steps"] == []
    assert entrepot("diff", other, marketplace, **settings).returncode == 1, "a catalog is left"
    nowhere = entrepot("plan", one, "--marketplace", "nowhere", **settings)
    assert (nowhere.returncode, nowhere.stderr.strip()) == (1, "entrepot: there is no marketplace nowhere")
    Path(one).write_text(f"{ONE}    - {{ID: bad, Name: Bad, DefaultCatalogID: none}}\n")
    bad = entrepot("apply", one, *here, **settings)
    assert bad.returncode == 1
    assert "line 5: Buyers.bad.DefaultCatalogID: there is no Catalog none" in bad.stderr
    assert "Nothing was written." in bad.stderr
    assert entrepot("plan", other, *here, **settings).returncode == 0
