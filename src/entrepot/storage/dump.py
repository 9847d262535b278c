"""A database as one archive of pg_dump, and back, by the programs that fit the server's version."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, BinaryIO
from urllib.parse import unquote, urlsplit

from entrepot.storage.programs import (
    PostgresUnavailableError,
    Programs,
    clean_environment,
    find_clients,
)

# Whoever may not own an extension may not comment on it; what pg_dump says of them they say themselves.
_LEFT_OUT = (" COMMENT - EXTENSION ",)
# pg_restore 17 and later sets what older servers do not know.
_NEWER_SETTING = b"SET transaction_timeout = 0;\n"
_KNOWN_SINCE = 17
_HEAD = 4096  # bytes; the settings come first

# A schema that holds nothing but extensions, so that another one may be put there. In the restore's own transaction.
_EMPTY_IT = """
DO $$ DECLARE each record; BEGIN
    FOR each IN SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    LOOP EXECUTE 'DROP TABLE ' || each.name || ' CASCADE'; END LOOP;
END $$;
"""


def dump(url: str, server_major: int, snapshot: str, into: BinaryIO | IO[bytes]) -> int:
    """Write a custom-format archive of the database as it was at an exported snapshot; pg_dump's own major version.

    Raises PostgresUnavailableError.
    """
    programs = find_clients("pg_dump", least=server_major)
    arguments = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    with _running(programs, "pg_dump", url, arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        shutil.copyfileobj(process.stdout, into)
    return programs.major


def restore(
    archive: Sequence[IO[bytes]], dumped_by: int, url: str, server_major: int, *, replace: bool
) -> None:
    """Put an archive into a database, in one transaction. `replace` drops the tables that are there.

    archive: the same archive twice, opened for reading; first for its contents, then for its data. dumped_by: the major
    version of the pg_dump that made it. Raises PostgresUnavailableError.
    """
    programs = find_clients("pg_restore", "psql", least=dumped_by)
    contents, data = archive
    with tempfile.NamedTemporaryFile("w", prefix="entrepot-restore-", suffix=".list") as chosen:
        chosen.writelines(_contents(programs, contents))
        chosen.flush()
        script = ["--no-owner", "--no-privileges", f"--use-list={chosen.name}", "--file=-"]
        single = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file=-"]
        with _running(
            programs, "psql", url, single, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        ) as psql:
            assert psql.stdin is not None
            try:
                if replace:
                    psql.stdin.write(_EMPTY_IT.encode())
                with _fed(programs, script, data) as text:
                    head = text.read(_HEAD)
                    psql.stdin.write(
                        head if server_major >= _KNOWN_SINCE else head.replace(_NEWER_SETTING, b"")
                    )
                    shutil.copyfileobj(text, psql.stdin)
                # Only now it commits: the archive was whole to its end.
                psql.stdin.close()
            except BrokenPipeError:
                psql.wait()  # It says why.


def _contents(programs: Programs, archive: IO[bytes]) -> Iterator[str]:
    with _fed(programs, ["--list"], archive) as listed:
        lines = listed.read().decode().splitlines(keepends=True)
    return (line for line in lines if not any(mark in line for mark in _LEFT_OUT))


@contextmanager
def _fed(programs: Programs, arguments: list[str], archive: IO[bytes]) -> Iterator[IO[bytes]]:
    """What pg_restore makes of the archive, which a thread hands to it. Raises what reading the archive raises."""
    broken: list[Exception] = []

    def feed() -> None:
        assert process.stdin is not None
        try:
            with process.stdin as sink:
                shutil.copyfileobj(archive, sink)
        except BrokenPipeError:
            return
        except Exception as error:  # noqa: BLE001 (damage, told to whoever waits)
            broken.append(error)

    with _running(
        programs, "pg_restore", None, arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        feeding = threading.Thread(target=feed)
        feeding.start()
        assert process.stdout is not None
        try:
            yield process.stdout
        except BaseException:
            process.kill()
            raise
        finally:
            process.stdout.close()
            feeding.join()
        if broken:
            raise broken[0]


@contextmanager
def _running(
    programs: Programs,
    name: str,
    url: str | None,
    arguments: list[str],
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int,
) -> Iterator[subprocess.Popen[bytes]]:
    """A program at work; at the end of the block it has to end well. Raises PostgresUnavailableError with what it said."""
    environment = clean_environment()
    command = [programs.path(name), *arguments]
    if url is not None:
        place, password = _without_password(url)
        command.append(f"--dbname={place}")
        # Whoever lists the processes sees their arguments.
        environment |= {"PGPASSWORD": password} if password else {}
    with tempfile.TemporaryFile("w+b") as said:
        with subprocess.Popen(
            command, stdin=stdin, stdout=stdout, stderr=said, env=environment, start_new_session=True
        ) as process:
            try:
                yield process
            except BaseException:
                process.kill()
                raise
            if process.stdin is not None and not process.stdin.closed:
                process.stdin.close()
        if process.returncode:
            said.seek(0)
            raise PostgresUnavailableError(f"{name} failed: {_first_error(said.read())}")


def _without_password(url: str) -> tuple[str, str | None]:
    parts = urlsplit(url)
    if parts.password is None:
        return url, None
    user, _, place = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.partition(':')[0]}@{place}").geturl(), unquote(parts.password)


def _first_error(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    telling = (line for line in lines if "error" in line.lower() or "fatal" in line.lower())
    return next(telling, lines[0] if lines else "it does not say why.")
