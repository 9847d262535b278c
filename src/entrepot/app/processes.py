"""Runs the ASGI application: in this process, or in several that share the listening socket."""

import asyncio
import gc
import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.server import HANDLED_SIGNALS
from uvicorn.supervisors import Multiprocess

from entrepot.app.listen import metrics_place
from entrepot.app.logging import configure_logging
from entrepot.app.serve import STOP_SIGNALS, Look
from entrepot.app.settings import Settings, read_settings
from entrepot.features.people.credentials.allocator import share_one_arena
from entrepot.http.connections import ConnectionLimits
from entrepot.http.protocol import uvicorn_options
from entrepot.storage.keeper import INTERVAL
from entrepot.storage.programs import PostgresUnavailableError


def run(settings: Settings, listener: socket.socket, announce: Callable[[], None], look: Look) -> bool:
    """Serves until SIGINT or one of STOP_SIGNALS; False when the application did not start. `announce` is called once it has.

    One process raises the signal again when it is done (KeyboardInterrupt); several just return. Raises what `look` does.
    """
    if settings.workers == 1:
        return _run_here(settings, listener, announce, look)
    with metrics_directory(settings) as metrics:
        # What the children read; the directory is where /metrics of any of them finds the figures of all.
        os.environ.update(settings.variables(), PROMETHEUS_MULTIPROC_DIR=str(metrics))
        config = _config(
            settings, "entrepot.app.processes:child_application", factory=True, workers=settings.workers
        )
        supervisor = _Supervisor(config, listener, announce, look)
        supervisor.run()
    if supervisor.failure is not None:
        raise supervisor.failure
    # A child that a signal ended has that signal for an exit code.
    return all(process.exitcode != STARTUP_FAILURE for process in supervisor.processes)


@contextmanager
def metrics_directory(settings: Settings) -> Iterator[Path]:
    """A directory of this server's alone, in the data directory, so that what a killed one has left goes with the next start.

    Without a data directory it is a temporary one.
    """
    place = metrics_place(settings.data_dir, settings.host, settings.port)
    try:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
    except OSError:
        with tempfile.TemporaryDirectory(prefix="entrepot-metrics-") as name:
            yield Path(name)
        return
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


SILENCE = 30
"""Seconds without a sign of life after which a child process is killed and another takes its place. It gives the first when its
modules are read: where that takes longer, on a machine with little of a core left, no child would ever come up."""


class _Supervisor(Multiprocess):
    """uvicorn's, whose children do not hear the terminal's Ctrl-C: they end when they are told to, one way only.

    A blocked signal stays blocked in a child from its first instruction on, unlike an ignored or handled one.
    """

    def __init__(
        self, config: uvicorn.Config, listener: socket.socket, announce: Callable[[], None], look: Look
    ) -> None:
        ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        super().__init__(config, [listener])
        if ignored:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)  # started by nohup
        self._announce = announce
        self._look = look
        self.failure: Exception | None = None

    def init_processes(self) -> None:
        super().init_processes()
        while self.processes[0].process.is_alive() and not self._told_to_end():
            if self.processes[0].is_ready(timeout=1):
                self._announce()
                return
            time.sleep(0.02)

    def _told_to_end(self) -> bool:
        return bool(self.signal_queue) or signal.SIGINT in signal.sigpending()

    def run(self) -> None:
        # Its own first start takes the block away again, before the first child.
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            super().run()
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    def keep_subprocess_alive(self) -> None:
        try:
            self._look()
        except PostgresUnavailableError as error:
            self.failure = error
            self.should_exit.set()
        super().keep_subprocess_alive()

    def terminate_all(self) -> None:
        # Before the children close theirs: what nobody would accept is refused, and not taken and reset.
        for listener in self.sockets:
            listener.close()
        super().terminate_all()

    def handle_hup(self) -> None:
        self.should_exit.set()

    def handle_quit(self) -> None:
        self.should_exit.set()

    def handle_signals(self) -> None:
        if signal.SIGINT in signal.sigpending():
            self.should_exit.set()
        super().handle_signals()


def child_application() -> Any:
    """The application of one child process, which reads its settings from the environment."""
    share_one_arena()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = read_settings()
    configure_logging(settings.log_level, settings.log_format)
    return _application(settings)


class _Server(uvicorn.Server):
    """uvicorn's, which says when it has started, and looks after the database as long as it runs."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None], look: Look) -> None:
        super().__init__(config)
        self._announce = announce
        self._look = look
        self.failure: Exception | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._looking = asyncio.create_task(self._look_on())
        await super().startup(sockets)
        if self.started:
            self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        self._looking.cancel()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        others = set(STOP_SIGNALS).difference(HANDLED_SIGNALS)
        more = [each for each in others if signal.getsignal(each) is not signal.SIG_IGN]
        former = {each: signal.signal(each, self.handle_exit) for each in more}
        try:
            with super().capture_signals():
                yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    async def _look_on(self) -> None:
        while not self.should_exit:
            try:
                self._look()
            except PostgresUnavailableError as error:
                self.failure = error
                self.should_exit = True
            await asyncio.sleep(INTERVAL)


def _run_here(settings: Settings, listener: socket.socket, announce: Callable[[], None], look: Look) -> bool:
    share_one_arena()
    server = _Server(_config(settings, _application(settings)), announce, look)
    server.run(sockets=[listener])
    if server.failure is not None:
        raise server.failure
    return server.started


def _application(settings: Settings) -> Any:
    """The application, of which nothing comes before the garbage collector again.

    Modules and declarations stay: looking through them again and again took a tenth of a start. And a request leaves
    hardly any cycles behind, so that rare rounds are enough.
    """
    gc.set_threshold(20_000, 20, 20)
    from entrepot.app.asgi import create_app

    application = create_app(settings)
    gc.freeze()
    return application


def _config(
    settings: Settings, application: Any, *, factory: bool = False, workers: int = 1
) -> uvicorn.Config:
    limits = ConnectionLimits(
        head=settings.head_timeout,
        idle=settings.keep_alive,
        most=settings.max_connections,
        most_each=settings.max_connections_per_address,
    )
    return uvicorn.Config(
        application,
        factory=factory,
        workers=workers,
        timeout_worker_healthcheck=SILENCE,
        **uvicorn_options(limits),
    )


def _end_with_parent() -> None:
    """A child of a killed parent would keep the port."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
