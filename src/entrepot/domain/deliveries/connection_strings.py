"""Connection strings as Azure's services give them out: `Name=value;Name=value`."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import urlsplit

MAX_PARTS = 20
DEVELOPMENT = {
    # The emulator's account and key are the same everywhere and in its documentation.
    "accountname": "devstoreaccount1",
    "accountkey": "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    "blobendpoint": "http://127.0.0.1:10000/devstoreaccount1",
    "tableendpoint": "http://127.0.0.1:10002/devstoreaccount1",
}


class ConnectionStringError(ValueError):
    """A connection string that says too little, or nothing that can be read. The text quotes none of it."""


def parts(text: str) -> dict[str, str]:
    """Its values by name in lower case. Raises ConnectionStringError."""
    found = {}
    for part in text.strip().strip(";").split(";", MAX_PARTS):
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise ConnectionStringError(
                "The ConnectionString is none: it has to be of the form Name=value;Name=value."
            )
        found[name.strip().lower()] = value.strip()
    if found.get("usedevelopmentstorage", "").lower() == "true":
        found = DEVELOPMENT | found
    return found


def required(found: Mapping[str, str], *names: str) -> tuple[str, ...]:
    """The values of these names. Raises ConnectionStringError for the first one that is missing."""
    for name in names:
        if not found.get(name.lower()):
            raise ConnectionStringError(f"The ConnectionString has no {name}.")
    return tuple(found[name.lower()] for name in names)


def storage_endpoint(found: Mapping[str, str], service: str) -> str:
    """The URL of an account's service, `blob` or `table`. Raises ConnectionStringError."""
    given = found.get(f"{service}endpoint")
    if given:
        return checked_url(given)
    (account,) = required(found, "AccountName")
    scheme = found.get("defaultendpointsprotocol", "https")
    suffix = found.get("endpointsuffix", "core.windows.net")
    return checked_url(f"{scheme}://{account}.{service}.{suffix}")


def checked_url(url: str) -> str:
    """The URL itself. Raises ConnectionStringError where it is none."""
    try:
        parsed = urlsplit(url)
        usable = parsed.scheme in {"http", "https"} and bool(parsed.hostname) and parsed.port != 0
    except ValueError:
        usable = False
    if not usable or any(character <= " " for character in url):
        raise ConnectionStringError("The ConnectionString has an endpoint that is no URL.")
    return url


def event_hub_place(found: Mapping[str, str]) -> tuple[str, int, bool]:
    """Host, port and whether TLS, of the Kafka endpoint of the namespace that `Endpoint=sb://...` names.

    Raises ConnectionStringError.
    """
    (endpoint,) = required(found, "Endpoint")
    required(found, "SharedAccessKeyName", "SharedAccessKey")
    emulated = found.get("usedevelopmentemulator", "").lower() == "true"
    try:
        parsed = urlsplit(endpoint)
        host, port = parsed.hostname, parsed.port
    except ValueError:
        host, port = None, None
    if not host or not endpoint.startswith("sb://"):
        raise ConnectionStringError("The Endpoint of the ConnectionString has to begin with sb://.")
    return host, port or (9092 if emulated else 9093), not emulated


def check(target: str, text: str) -> None:
    """That it says what this target of a delivery configuration needs. Raises ConnectionStringError."""
    found = parts(text)
    match target:
        case "EventHub":
            event_hub_place(found)
        case "CosmosDb":
            endpoint, key = required(found, "AccountEndpoint", "AccountKey")
            checked_url(endpoint)
            _check_key(key)
        case "AzureBlob" | "AzureTable":
            storage_endpoint(found, target.removeprefix("Azure").lower())
            if not found.get("sharedaccesssignature"):
                _check_key(required(found, "AccountName", "AccountKey")[1])


def _check_key(key: str) -> None:
    try:
        base64.b64decode(key, validate=True)
    except ValueError:
        raise ConnectionStringError("The ConnectionString has a key that is none.") from None
