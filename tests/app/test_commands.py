"""The commands as a person runs them: what they need is made, and what a person can mend is told in one line."""

import shlex
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.app.commands import KEY, entrepot, told
from typer.main import get_command

from entrepot.app.cli import app
from entrepot.storage.embedded import database_url_of

NEED_THE_SCHEMA = [
    ["marketplace", "create", "Shop"],
    ["marketplace", "forward-as", "shop", "admin"],
    ["keys", "rotate"],
    ["portal", "user", "create", "ann", "ann@example.com"],
    ["serve", "--port", "0"],
]


@pytest.fixture
async def bare_database(postgres: str) -> AsyncIterator[str]:
    """A database without our schema."""
    admin = await asyncpg.connect(postgres)
    await admin.execute("CREATE DATABASE bare")
    yield database_url_of(postgres, "bare")
    await admin.execute("DROP DATABASE bare WITH (FORCE)")
    await admin.close()


@pytest.mark.parametrize("command", [*NEED_THE_SCHEMA, ["migrate"]], ids=" ".join)
@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/shop", "mysql://127.0.0.1/shop"])
def test_a_database_out_of_reach_is_told_in_one_line(command: list[str], url: str) -> None:
    done = entrepot(*command, ENTREPOT_DATABASE_URL=url, ENTREPOT_SECRET_KEY=KEY)
    assert told(done).startswith("The database cannot be reached: ")


@pytest.mark.parametrize("command", NEED_THE_SCHEMA, ids=" ".join)
def test_a_database_without_the_schema_is_left_alone(command: list[str], bare_database: str) -> None:
    done = entrepot(*command, ENTREPOT_DATABASE_URL=bare_database, ENTREPOT_SECRET_KEY=KEY)
    assert "entrepot migrate" in told(done)


def test_a_marketplace_can_be_made_before_the_first_start(home: Path) -> None:
    done = entrepot(
        "marketplace",
        "create",
        "Shop",
        "--data-dir",
        str(home / "data"),
        "--base-url",
        "https://shop.example",
    )
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("curl "))
    words = shlex.split(line)
    assert words[1] == "https://shop.example/oauth/token"
    # Without a scope: the administrator makes all else, and the scope of the guide would not let them.
    assert not any(word.startswith("scope=") for word in words)
    marketplace = done.stdout.split()[1]
    for arguments, refusal in (
        ((marketplace, "admin"), None),
        ((marketplace, "nobody"), "entrepot: nobody is no user of the marketplace's owner.\n"),
        (("nowhere", "admin"), "entrepot: There is no marketplace nowhere.\n"),
    ):
        done = entrepot("marketplace", "forward-as", *arguments, "--data-dir", str(home / "data"))
        assert (done.returncode, done.stderr) == ((0, "") if refusal is None else (1, refusal))


def test_a_marketplace_needs_a_name(home: Path) -> None:
    done = entrepot("marketplace", "create", " ", "--data-dir", str(home / "data"))
    assert done.returncode == 2
    assert not (home / "data").exists()


def test_a_data_directory_that_is_a_file_is_told_in_one_line(home: Path) -> None:
    (home / "data").touch()
    done = entrepot("serve", "--port", "0", "--data-dir", str(home / "data"))
    assert told(done).startswith(f"{home / 'data'} ")


NOT_BEGINNING = [
    ["apply", "seed.yml", "-i", "shop"],
    ["backup", "backup.zip"],
    ["diff", "seed.yml", "shop"],
    ["doctor"],
    ["download", "shop", "out.yml"],
    ["keys", "list"],
    ["keys", "reseal"],
    ["keys", "rotate"],
    ["keys", "withdraw", "kid"],
    ["marketplace", "forward-as", "shop", "admin"],
    ["migrate"],
    ["plan", "seed.yml", "-i", "shop"],
    ["portal", "give", "shop", "ann"],
    ["portal", "messages"],
    ["record", "record.json", "-i", "shop"],
    ["snapshot", "export", "shop", "shop.entrepot"],
    ["sync", "products", "--marketplace", "shop"],
    ["worker"],
]


@pytest.mark.parametrize("command", NOT_BEGINNING, ids=" ".join)
def test_a_directory_without_a_database_is_told_and_not_made(command: list[str], home: Path) -> None:
    """A misspelt --data-dir is no new server."""
    (home / "seed.yml").write_text("Objects:\n  Buyers: []\n")
    files = [str(home / each) if "." in each else each for each in command]
    done = entrepot(*files, "--data-dir", str(home / "data"), ENTREPOT_PASSPHRASE="a long passphrase")
    assert (done.returncode, done.stdout) == (2 if command[0] == "diff" else 1, "")
    assert done.stderr == (
        f"entrepot: There is no database in {home / 'data'}: name the server's directory by --data-dir, or its database by --database-url.\n"
    )
    assert [each.name for each in home.iterdir()] == ["seed.yml"]


def test_all_commands_that_take_a_database_are_tried_without_one() -> None:
    """But those that may begin one."""
    beginning = {
        "clone",
        "marketplace create",
        "portal user create",
        "restore",
        "seed",
        "serve",
        "snapshot import",
    }
    tried = {" ".join(word for word in each if word in _words()) for each in NOT_BEGINNING}
    assert {
        name for name, command in _commands(get_command(app)) if _takes_database(command)
    } == tried | beginning


def _words() -> set[str]:
    return {word for name, _ in _commands(get_command(app)) for word in name.split()}


def _commands(group: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", command


def _takes_database(command: Any) -> bool:
    return any(each.name == "data_dir" for each in command.params)


def test_accounts_of_the_portal_are_made_for_a_marketplace_that_there_is(home: Path) -> None:
    """What a person can mend is told in one line; one who forgets the password gets a code from whoever runs the server."""
    data = ("--data-dir", str(home / "data"))
    made = entrepot("marketplace", "create", "Shop", *data)
    marketplace = made.stdout.split()[1]
    create = ("portal", "user", "create")
    done = entrepot(*create, "ann", "ann@example.com", "--owns", marketplace, "--operator", *data)
    assert done.returncode == 0, done.stderr
    facts = dict(line.split(None, 1) for line in done.stdout.splitlines()[:3])
    assert facts | {"Password": None} == {"Username": "ann", "Email": "ann@example.com", "Password": None}
    assert len(facts["Password"]) == 20
    for arguments, told_so in (
        (("Ann", "other@example.com"), "Username is already in use."),
        (("bob", "ANN@example.com"), "The e-mail address belongs to another account."),
        (("bob", "nowhere"), "Email is not a valid e-mail address."),
        (("b b", "bob@example.com"), "Username has letters"),
        (("bob", "bob@example.com", "--owns", "no-shop"), "There is no marketplace no-shop."),
    ):
        assert told_so in told(entrepot(*create, *arguments, *data))
    given = entrepot("portal", "give", marketplace, "ann", *data)
    assert given.stdout == f"{marketplace} is owned by ann.\n"
    assert told(entrepot("portal", "give", marketplace, "bob", *data)) == "There is no account bob."
    none = entrepot("portal", "messages", "ann@example.com", *data)
    assert (none.returncode, none.stdout) == (0, "")
    assert "holds no mail to ann@example.com." in none.stderr
