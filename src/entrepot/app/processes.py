"""Runs the ASGI application: in this process, or in several that share the listening socket."""

import gc
import multiprocessing
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from entrepot.app.logging import configure_logging
from entrepot.app.settings import Settings, read_settings
from entrepot.features.credentials.allocator import share_one_arena
from entrepot.http.connections import ConnectionLimits
from entrepot.http.protocol import uvicorn_options


def run(settings: Settings, listener: socket.socket, announce: Callable[[], None]) -> bool:
    """Serves until SIGINT or SIGTERM; False when the application did not start. `announce` is called once it has.

    One process raises the signal again when it is done (KeyboardInterrupt); several just return.
    """
    if settings.workers == 1:
        return _run_here(settings, listener, announce)
    with tempfile.TemporaryDirectory(prefix="entrepot-metrics-") as metrics:
        # What the children read; the directory is where /metrics of any of them finds the figures of all.
        os.environ.update(settings.variables(), PROMETHEUS_MULTIPROC_DIR=metrics)
        config = _config(
            settings, "entrepot.app.processes:child_application", factory=True, workers=settings.workers
        )
        supervisor = _Supervisor(config, listener, announce)
        supervisor.run()
    # A child that a signal ended has that signal for an exit code.
    return all(process.exitcode != STARTUP_FAILURE for process in supervisor.processes)


class _Supervisor(Multiprocess):
    """uvicorn's, whose children do not hear the terminal's Ctrl-C: they end when they are told to, one way only.

    A blocked signal stays blocked in a child from its first instruction on, unlike an ignored or handled one.
    """

    def __init__(self, config: uvicorn.Config, listener: socket.socket, announce: Callable[[], None]) -> None:
        super().__init__(config, [listener])
        self._announce = announce

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
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            super().run()
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

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
    """uvicorn's, which says when it has started."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()


def _run_here(settings: Settings, listener: socket.socket, announce: Callable[[], None]) -> bool:
    share_one_arena()
    server = _Server(_config(settings, _application(settings)), announce)
    server.run(sockets=[listener])
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
    return uvicorn.Config(application, factory=factory, workers=workers, **uvicorn_options(limits))


def _end_with_parent() -> None:
    """A child of a killed parent would keep the port."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
