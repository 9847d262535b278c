"""`entrepot clone` where the source is lost."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from tests.app.commands import KEY, entrepot

from entrepot.app.cli_clone import _told_where

KEPT = "What was read is kept in {}: the same command goes on where it was.\n"


def test_who_loses_the_source_is_told_where_it_goes_on(tmp_path: Path, database_url: str) -> None:
    settings = {"ENTREPOT_DATABASE_URL": database_url, "ENTREPOT_SECRET_KEY": KEY}
    with socket.socket() as nobody:
        # Bound, and nobody listens.
        nobody.bind(("127.0.0.1", 0))
        source = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        state = tmp_path / "state"
        wishes = ["--from", source, "--client-id", "x", "--client-secret", "y", "--attempts", "1"]
        first = entrepot("clone", *wishes, "--state", str(state), **settings)
        state.mkdir()
        second = entrepot("clone", *wishes, "--state", str(state), **settings)
    assert (first.returncode, second.returncode) == (1, 1)
    assert first.stderr.startswith(f"entrepot: {source} did not answer"), first.stderr
    assert second.stderr == KEPT.format(state) + first.stderr


def test_who_interrupts_is_told_where_it_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt), _told_where(tmp_path, OSError):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == KEPT.format(tmp_path)
