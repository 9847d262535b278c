"""Why a server makes no marketplace for tests: what is to be done, in a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from entrepot.testing.answers import PATIENCE, RefusedError

KEY = "ENTREPOT_TEST_BENCH_KEY"


class NoServerError(RuntimeError):
    """There is no server for tests; the message says why."""


class SeedError(RefusedError):
    """Of what is to be the seed no marketplace can be made; the message says why."""


def read_seed(file: Path) -> str:
    """The text of a seed file. Raises SeedError."""
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SeedError(
            f"The seed file {file} cannot be read ({why}): ENTREPOT_SEED has to name one."
        ) from None


def unreached(url: str, error: Exception) -> NoServerError:
    """Nobody answers there."""
    if isinstance(error, httpx.ReadTimeout):
        return NoServerError(f"The server at {url} has not answered for {PATIENCE:.0f} s: look at its log.")
    return NoServerError(
        f"No server answers at {url} ({error}): start it, or correct ENTREPOT_URL; without that one is started."
    )


def require_made(response: httpx.Response, url: str, seed: str | Path | None) -> None:
    """Raise NoServerError and SeedError for what an answer says of server, key and seed; for anything else nothing."""
    errors = _errors(response)
    codes = {each.get("ErrorCode") for each in errors}
    if response.status_code in (401, 403):
        raise NoServerError(
            f"The server at {url} refuses the key: {KEY} has to be that with which it was started."
        )
    if any(str(code).startswith("Seed.") for code in codes):
        told = "\n".join(str(each.get("Message")) for each in errors)
        raise SeedError(f"No marketplace can be made of the seed {seed}; correct it:\n{told}")
    if response.status_code == 404 and seed is not None and _names_seed(errors):
        raise SeedError(
            f"The server at {url} has no seed {seed}: ENTREPOT_SEED is demo, the name of one of its own (its setting `seeds`), or a file"
            " with its ending."
        )
    if response.status_code in (404, 405) or (response.is_success and not _is_made(response)):
        raise NoServerError(
            f"At {url} there is no Entrepot with its test bench on: correct ENTREPOT_URL, or start it with ENTREPOT_TEST_BENCH=true."
        )


def _names_seed(errors: list[dict[str, Any]]) -> bool:
    return any((each.get("Data") or {}).get("ObjectType") == "Seed" for each in errors)


def _is_made(response: httpx.Response) -> bool:
    value = _json(response)
    return isinstance(value, dict) and "AccessToken" in value


def _errors(response: httpx.Response) -> list[dict[str, Any]]:
    value = _json(response) if response.is_error else None
    found = value.get("Errors") if isinstance(value, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
