"""`entrepot snapshot export` and `import` as a person runs them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.app.commands import KEY, entrepot, told

SHOP = """
Objects:
  Buyers:
    - {ID: acme, Name: Acme}
  ApiClients:
    - {ID: web, AppName: Web, AccessTokenDuration: 60, ClientSecret: a secret of some length}
"""
PASSPHRASE = {"ENTREPOT_PASSPHRASE": "correct horse battery staple"}


@pytest.fixture
def settings(database_url: str) -> dict[str, str]:
    return {"ENTREPOT_DATABASE_URL": database_url, "ENTREPOT_SECRET_KEY": KEY, **PASSPHRASE}


def test_a_marketplace_goes_into_a_file_and_comes_out(tmp_path: Path, settings: dict[str, str]) -> None:
    seed, file, copy = tmp_path / "shop.yml", tmp_path / "shop.entrepot", tmp_path / "copy.yml"
    seed.write_text(SHOP)
    assert entrepot("seed", str(seed), "-i", "shop", "-n", "The shop", **settings).returncode == 0
    done = entrepot("snapshot", "export", "shop", str(file), **settings)
    assert done.returncode == 0, done.stderr
    assert re.match(rf"{file}: [\d,]+ rows, [\d,]+ bytes\.\n", done.stdout)
    assert file.stat().st_mode & 0o777 == 0o600

    made = entrepot("snapshot", "import", str(file), "--id", "again", **settings)
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("Marketplace  again (The shop), ")
    assert "IDs of their own" in made.stdout
    (client,) = re.findall(r"^API client   (\S+) \(Web\)$", made.stdout, re.MULTILINE)
    assert client != "web"
    assert entrepot("download", "again", str(copy), **settings).returncode == 0
    assert "acme" in copy.read_text()


def test_what_is_refused(tmp_path: Path, settings: dict[str, str]) -> None:
    """By a line that says why; no file is left, and no marketplace."""
    file, seed = tmp_path / "shop.entrepot", tmp_path / "shop.yml"
    seed.write_text(SHOP)
    assert entrepot("seed", str(seed), "-i", "shop", **settings).returncode == 0
    assert (
        told(entrepot("snapshot", "export", "nobody's", str(file), **settings))
        == "There is no marketplace nobody's."
    )
    assert (
        told(entrepot("snapshot", "export", "shop", str(file), "--snapshot", "none", **settings))
        == "shop has no snapshot none."
    )
    short = {**settings, "ENTREPOT_PASSPHRASE": "short"}
    why = told(entrepot("snapshot", "export", "shop", str(file), **short))
    assert "12 to 200" in why
    assert "ENTREPOT_PASSPHRASE" in why
    assert not file.exists()

    assert entrepot("snapshot", "export", "shop", str(file), **settings).returncode == 0
    assert "There is a marketplace shop already." in told(
        entrepot("snapshot", "import", str(file), "-i", "shop", **settings)
    )
    wrong = {**settings, "ENTREPOT_PASSPHRASE": "another passphrase"}
    assert "The passphrase is not the file's." in told(entrepot("snapshot", "import", str(file), **wrong))
    file.write_bytes(file.read_bytes()[:-1])
    assert "ends before its end" in told(entrepot("snapshot", "import", str(file), "-i", "cut", **settings))
    assert "no marketplace cut" in told(entrepot("download", "cut", str(tmp_path / "cut.yml"), **settings))
    assert "no snapshot of Entrepot" in told(entrepot("snapshot", "import", str(seed), **settings))
