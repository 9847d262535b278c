"""A PostgreSQL server of our own, whose life is that of the process that started it.

It listens on a Unix socket in a directory that only its account may enter, never on TCP; that directory is what
protects it, so connections need no password.
"""

import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit

from entrepot.storage.postmaster import STOP_SECONDS, end_orphan, is_ready, server_pid
from entrepot.storage.programs import (
    PostgresUnavailableError,
    clean_environment,
    find_programs,
    identity,
    open_programs,
    open_way,
    server_account,
)

DATABASE = "entrepot"
ROLE = "entrepot"
"""Owns the database and nothing else: what an injected statement could do ends there."""
SUPERUSER = "postgres"
CLUSTER = "postgres"
"""The directory of the cluster within the data directory."""

_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 100  # bytes; Linux takes 107, macOS 103
_SOCKET_PREFIX = "entrepot-pg-"
_START_SECONDS = 60.0
_LARGEST_LOG = 10_000_000  # bytes; a larger one starts anew

_ROLE_MADE = "entrepot.role"
"""A file in the cluster that says that its database is the role's."""
_NEW_DATABASE = f"""CREATE ROLE {ROLE} LOGIN
CREATE DATABASE {DATABASE} OWNER {ROLE}
"""
# Of before, when the superuser owned all of it. Sequences follow their tables, indexes too.
_FORMER_DATABASE = f"""DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}') THEN CREATE ROLE {ROLE} LOGIN; END IF; END $$
ALTER DATABASE {DATABASE} OWNER TO {ROLE}
DO $$ DECLARE each record; BEGIN FOR each IN SELECT oid::regclass AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') LOOP EXECUTE 'ALTER TABLE ' || each.name || ' OWNER TO {ROLE}'; END LOOP; END $$
"""

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "max_connections": "200",
    "jit": "off",  # our statements are short
    # Totals are counted from indexes, for which rows that have changed count only once they are vacuumed.
    "autovacuum_vacuum_scale_factor": "0.02",
    "autovacuum_vacuum_insert_scale_factor": "0.02",
    "autovacuum_analyze_scale_factor": "0.02",  # a mass change may be one marketplace's alone
    "shared_buffers": "512MB",  # taken as it is used; holds a catalog of 100,000 products with its prices
}
_THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


class EmbeddedPostgres:
    """The server of one data directory. start() and stop() block; call them from the main thread.

    A second process that wants the same directory is refused. What a killed process left behind (a server that
    still runs, a stale lock, half a new cluster) is cleared away by the next start.

    programs: the directory of PostgreSQL's programs, where they are not to be looked for.
    throwaway=True trades durability for speed: for tests, where the directory is deleted afterwards.
    """

    def __init__(self, data_dir: Path, *, programs: Path | None = None, throwaway: bool = False) -> None:
        self._home = data_dir.absolute()
        self._cluster = self._home / CLUSTER
        self._log = self._home / "postgres.log"
        self._chosen = programs
        self._throwaway = throwaway
        self._lock: int | None = None
        self._url: str | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What start() returned."""
        if self._url is None:
            raise PostgresUnavailableError("The embedded PostgreSQL is not running.")
        return self._url

    @property
    def admin_url(self) -> str:
        """The same as the superuser, who may make other databases."""
        return _as_superuser(self.url)

    @property
    def pid(self) -> int:
        """The process id of the server that start() started."""
        if self._process is None:
            raise PostgresUnavailableError("The embedded PostgreSQL is not running.")
        return self._process.pid

    @property
    def log(self) -> Path:
        """What the server writes."""
        return self._log

    @property
    def exit_code(self) -> int | None:
        """What the server has ended with by itself; None while it runs or starts."""
        return None if self._process is None else self._process.poll()

    @property
    def is_ready(self) -> bool:
        """Whether it takes connections."""
        process = self._process
        return process is not None and process.poll() is None and is_ready(self._cluster, process.pid)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> str:
        """Starts the server, after making the cluster and its database at first, and returns the database's URL.

        The URL suits asyncpg, and SQLAlchemy with the driver's name put in.
        Raises PostgresUnavailableError when the directory is in use or PostgreSQL does not start.
        """
        try:
            self._home.mkdir(mode=0o711, parents=True, exist_ok=True)
        except OSError as error:
            raise PostgresUnavailableError(
                f"{self._home} cannot be the data directory: {error.strerror}."
            ) from None
        self._take_lock()
        try:
            self._programs = find_programs(self._chosen, self._made_by())
            self._account = server_account(self._cluster)
            if self._account is not None:
                open_programs(self._account, self._programs)
                open_way(self._account, self._cluster)
            self._clear_previous()
            self._initialize()
            self._url = self._launch()
        except BaseException:
            self.stop()
            raise
        return self._url

    def start_again(self) -> None:
        """Starts a server that has ended by itself once more, at the same place, without waiting until it is ready.

        Raises OSError.
        """
        for leftover in (
            self._cluster / "postmaster.pid",
            self._sockets / _SOCKET,
            self._sockets / f"{_SOCKET}.lock",
        ):
            leftover.unlink(missing_ok=True)
        self._spawn(self._command)

    def stop(self) -> None:
        """Ends the server in order: open transactions are rolled back, written pages flushed."""
        if self._process is not None:
            orders = [(signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)]
            for order, seconds in orders[1:] if self._throwaway else orders:
                self._process.send_signal(order)
                try:
                    self._process.wait(seconds)
                    break
                except subprocess.TimeoutExpired:
                    continue
            self._process = self._url = None
            self._remove_socket_dir()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _take_lock(self) -> None:
        # The kernel drops this lock when we die, however we die. Children never inherit the descriptor.
        self._lock = os.open(self._home / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.stop()
            raise PostgresUnavailableError(
                f"Another server uses {self._home}: stop it, or choose another --data-dir."
            ) from None

    def _clear_previous(self) -> None:
        pid = server_pid(self._cluster)
        if pid is not None:
            end_orphan(pid, self._cluster)
        self._remove_socket_dir()
        # A process id is soon another program's (in a container at once), which PostgreSQL takes for a live server.
        (self._cluster / "postmaster.pid").unlink(missing_ok=True)

    def _made_by(self) -> int | None:
        """The major version of the cluster; None where there is none yet."""
        if not self._cluster.exists():
            return None
        try:
            return int((self._cluster / "PG_VERSION").read_text())
        except (FileNotFoundError, NotADirectoryError, ValueError):
            raise PostgresUnavailableError(
                f"{self._cluster} is there but holds no database: restore it, or remove it to start afresh."
            ) from None

    def _initialize(self) -> None:
        """Makes the cluster beside its place and moves it there when it is whole, so that a half one is never used."""
        if self._cluster.exists():
            made_by = self._made_by()
            if made_by != self._programs.major:
                raise PostgresUnavailableError(
                    f"{self._cluster} was made by PostgreSQL {made_by}, but the one found is {self._programs.major}: install"
                    f" {made_by} beside it and go on, or make a backup with it and restore that into a new --data-dir."
                )
            if not (self._cluster / _ROLE_MADE).exists():
                self._give_to_role(self._cluster, _FORMER_DATABASE, DATABASE)
            return
        fresh = self._home / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self._account is not None:
            os.chown(fresh, self._account.pw_uid, self._account.pw_gid)
        # lower() has to know all letters, not only ASCII's, since IDs compare without regard to case.
        provider = ["--locale-provider=builtin"] if self._programs.major >= 17 else []
        self._programs.run(
            "initdb", "--pgdata", str(fresh), "--username", SUPERUSER, "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8",
            "--locale=C.UTF-8", "--no-instructions", *provider, *(["--no-sync"] if self._throwaway else []),
            account=self._account,
        )  # fmt: skip
        self._give_to_role(fresh, _NEW_DATABASE)
        fresh.rename(self._cluster)

    def _give_to_role(self, cluster: Path, statements: str, database: str = "postgres") -> None:
        """In single-user mode, where each line is a statement."""
        self._programs.run(
            "postgres", "--single", "-D", str(cluster), "-c", "exit_on_error=on", database,
            account=self._account, statements=statements,
        )  # fmt: skip
        (cluster / _ROLE_MADE).touch()

    def _launch(self) -> str:
        sockets = self._socket_dir()
        settings = (
            _SETTINGS
            | (_THROWAWAY_SETTINGS if self._throwaway else {})
            | {"unix_socket_directories": sockets}
        )
        command = [self._programs.path("postgres"), "-D", str(self._cluster)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self._command, self._sockets = command, Path(sockets)
        deadline = time.monotonic() + _START_SECONDS
        while True:
            said = self._spawn_until_ready(command, deadline)
            if said is None:
                return _url(sockets)
            # Workers of a killed server notice its end within moments and let go of its memory.
            if "pre-existing shared memory block" not in said or time.monotonic() > deadline:
                raise PostgresUnavailableError(f"PostgreSQL did not start ({self._log}):\n{said.strip()}")
            time.sleep(0.2)

    def _spawn_until_ready(self, command: list[str], deadline: float) -> str | None:
        """None when the server takes connections, else what it wrote before it ended."""
        before, process = self._spawn(command)
        while process.poll() is None:
            if is_ready(self._cluster, process.pid):
                return None
            if time.monotonic() > deadline:
                break
            time.sleep(0.01)
        said = self._log.read_bytes()[before:].decode(errors="replace")
        return said or "It wrote nothing."

    def _spawn(self, command: list[str]) -> tuple[int, subprocess.Popen[bytes]]:
        """The process, and where in the log its words begin."""
        fresh_log = not self._log.exists() or self._log.stat().st_size > _LARGEST_LOG
        self._log.touch(mode=0o600)  # a failed statement's values are written there
        with self._log.open("wb" if fresh_log else "ab") as log:
            before = log.tell()
            self._process = process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._cluster,
                env=clean_environment(),
                # Ctrl-C at the terminal reaches the whole foreground group; the database has to outlive us.
                start_new_session=True,
                preexec_fn=_die_with_parent(),  # noqa: PLW1509  one system call, looked up before the fork
                **identity(self._account),
            )
        return before, process

    def _socket_dir(self) -> str:
        usual = str(self._cluster)
        # The setting is a list that knows commas and quotes; the path in a client's URL knows commas too.
        if len(os.fsencode(f"{usual}/{_SOCKET}")) <= _LONGEST_SOCKET_PATH and not set(usual) & set(",\"'@"):
            return usual
        short = tempfile.mkdtemp(prefix=_SOCKET_PREFIX, dir="/tmp")  # the short name; made ours alone
        if self._account is not None:
            os.chown(short, self._account.pw_uid, self._account.pw_gid)
        (self._home / "postgres.sockets").write_text(short)
        return short

    def _remove_socket_dir(self) -> None:
        note = self._home / "postgres.sockets"
        if note.exists():
            directory = Path(note.read_text())
            if directory.name.startswith(_SOCKET_PREFIX):
                shutil.rmtree(directory, ignore_errors=True)
            note.unlink()
        for leftover in (_SOCKET, f"{_SOCKET}.lock"):
            (self._cluster / leftover).unlink(missing_ok=True)


def database_url_of(url: str, database: str) -> str:
    """The URL of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def _as_superuser(url: str) -> str:
    return url.replace(f"//{ROLE}@", f"//{SUPERUSER}@", 1)


def _url(sockets: str) -> str:
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(sockets, safe='/')}"


def holds_cluster(data_dir: Path) -> bool:
    """Whether there is one, whole or not."""
    return (data_dir / CLUSTER).exists()


def running_url(data_dir: Path) -> str | None:
    """The URL of the database of the directory's server, if one runs now: for commands beside a running server."""
    home = data_dir.absolute()
    pid = server_pid(home / CLUSTER)
    if pid is None or not is_ready(home / CLUSTER, pid):
        return None
    note = home / "postgres.sockets"
    return _url(note.read_text() if note.exists() else str(home / CLUSTER))


def _die_with_parent() -> Callable[[], object] | None:
    """What makes Linux stop the server when we are killed. It watches the thread, so only the main one will do."""
    if sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
        return None
    set_death_signal = ctypes.CDLL(None, use_errno=True).prctl
    return lambda: set_death_signal(1, int(signal.SIGINT), 0, 0, 0)
