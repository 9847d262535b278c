"""A double of Azure Cosmos DB: as much of its protocol as making a database, a container and items takes."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections import defaultdict
from typing import Any
from urllib.parse import unquote

from tests.api.receiver import Received, Receiver


class Cosmos:
    """Answers on a receiver's address, to whoever signs with the key."""

    def __init__(self, receiver: Receiver, key: str) -> None:
        self._key = key
        self._url = receiver.url
        self.databases: set[str] = set()
        self.containers: set[tuple[str, str]] = set()
        self.items: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
        receiver.otherwise = self.answer

    def answer(self, request: Received) -> tuple[int, Any]:
        parts = [each for each in request.path.split("/") if each]
        if not self._is_signed(request, parts):
            return 401, {"code": "Unauthorized", "message": f"not signed: {request.headers['authorization']}"}
        if not parts:
            place = {"name": "here", "databaseAccountEndpoint": f"{self._url}/"}
            return 200, {"id": "account", "writableLocations": [place], "readableLocations": [place]}
        match request.method, parts:
            case "POST", ["dbs"]:
                self.databases.add(request.body["id"])
                return 201, {"id": request.body["id"]}
            case "GET", ["dbs", name]:
                return (200, {"id": name}) if name in self.databases else (404, {"code": "NotFound"})
            case "POST", ["dbs", name, "colls"]:
                self.containers.add((name, request.body["id"]))
                return 201, self._container(request.body["id"])
            case "GET", ["dbs", name, "colls", container]:
                known = (name, container) in self.containers
                return (200, self._container(container)) if known else (404, {"code": "NotFound"})
            case "POST", ["dbs", name, "colls", container, "docs"]:
                assert request.headers["x-ms-documentdb-is-upsert"].lower() == "true"
                self.items[name, container][request.body["id"]] = request.body
                return 201, request.body
        return 400, {"code": "BadRequest"}

    def _container(self, name: str) -> dict[str, Any]:
        return {"id": name, "_rid": "r", "partitionKey": {"paths": ["/type"], "kind": "Hash", "version": 2}}

    def _is_signed(self, request: Received, parts: list[str]) -> bool:
        kind = parts[-1] if len(parts) % 2 else (parts[-2] if parts else "")
        link = "/".join(parts[:-1] if len(parts) % 2 else parts)
        text = f"{request.method.lower()}\n{kind}\n{link}\n{request.headers['x-ms-date'].lower()}\n\n"
        digest = hmac.new(base64.b64decode(self._key), text.encode(), hashlib.sha256).digest()
        return unquote(request.headers["authorization"]).endswith(f"&sig={base64.b64encode(digest).decode()}")
