"""The running server as a fuzzer meets it: callers who may lock themselves out, and objects to hit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import requests
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, Response, openapi
from schemathesis.specs.openapi.schemas import OpenApiSchema
from tests.api.world import CLIENT, COMPANY, OBJECTS, PERSON, SECRET, named
from tests.conformance.running import running_shop

Request: TypeAlias = Case[Any]

PASSWORD = "Passw0rd-of-fuzzers"
ROLES = {"seller": ["FullAccess"], "buyer": ["Shopper", "MeAdmin", "MeXpAdmin", "PasswordReset"]}
HOMES = {"seller": "/adminusers", "buyer": "/buyers/callers/users"}

_numbers = count(1)


@dataclass
class FuzzedShop:
    """A server of its own with its document.

    admin: the calls of the integration client, whom nothing generated can name.
    tokens: of the present callers, by kind: seller, buyer or guest.
    """

    schema: OpenApiSchema
    demo: dict[str, Any]
    admin: httpx.Client
    session: requests.Session = field(default_factory=requests.Session)
    tokens: dict[str, str] = field(default_factory=dict)
    touched: bool = True
    known: str = ""
    """The ID of the present OBJECTS."""
    special: dict[str, str] = field(default_factory=dict)
    """Parameters and properties that it does not fit."""

    def cases(self, operation_id: str) -> st.SearchStrategy[Request]:
        """Requests that fit the document and such as do not, at objects that exist and at others."""
        operation = self.schema.find_operation_by_id(operation_id)
        generated = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))
        return st.builds(self._aimed, generated, st.booleans(), st.booleans())

    def arrange(self) -> None:
        """Make new OBJECTS for the next operation, unless nothing has changed the present ones."""
        if not self.touched:
            return
        self.touched = False
        known = self.known = f"known-{next(_numbers)}"
        for path, body in OBJECTS:
            self._put(path.format(id=known), named(body, known))
        client = self._post("/apiclients", CLIENT)
        secret = self._post(f"/apiclients/{client}/secrets", SECRET)
        self.special |= {"apiClientID": client, "ApiClientID": client, "ClientID": client}
        self.special |= {"apiClientSecretID": secret, "ThingType": "Company"}
        config = {"ClientID": client, "ImpersonationBuyerID": known, "SecurityProfileID": known}
        self._put(f"/impersonationconfig/{known}", {**config, "BuyerID": "callers"})

    def send(self, case: Request, kind: str) -> Response:
        """The answer to a caller of this kind; to the next one where the last has ended the own access."""
        for _ in range(2):
            token = self.tokens.get(kind) or self._log_in(kind)
            response = case.call(session=self.session, headers={"Authorization": f"Bearer {token}"})
            if response.status_code != 401 or case.operation.path == "/oauth/token":
                self.touched |= response.status_code < 400 and self._writes_to_known(case)
                return response
            self.tokens.pop(kind)
        raise AssertionError(f"a new {kind} is refused: {response.text}")

    def _writes_to_known(self, case: Request) -> bool:
        named = set(map(str, case.path_parameters.values()))
        return case.method.upper() != "GET" and not named.isdisjoint({self.known, *self.special.values()})

    def _aimed(self, case: Request, at_known: bool, of_known: bool) -> Request:
        """`case`, perhaps with IDs of existing objects in its path, perhaps in its body."""
        if at_known:
            case.path_parameters = {
                name: self.special.get(name, "callers" if name.startswith("new") else self.known)
                for name in case.path_parameters
            }
        if of_known and isinstance(case.body, dict):
            case.body = {
                name: self.special.get(name, self.known) if name.endswith("ID") and name != "ID" else value
                for name, value in case.body.items()
            }
        return case

    def _log_in(self, kind: str) -> str:
        if kind == "guest":
            form = {"client_id": self.demo["anonymousClientID"], "grant_type": "client_credentials"}
        else:
            name = f"{kind}-{next(_numbers)}"
            self._put(f"/securityprofiles/of-{kind}", {"Name": kind, "Roles": ROLES[kind]})
            self._put(f"{HOMES[kind]}/{name}", {**PERSON, "Username": name, "Password": PASSWORD})
            company = {"BuyerID": "callers"} if kind == "buyer" else {}
            self._post(
                "/securityprofiles/assignments",
                {"SecurityProfileID": f"of-{kind}", "UserID": name, **company},
            )
            form = {"grant_type": "password", "username": name, "password": PASSWORD}
            form["client_id"] = self.demo["clientID"]
        self.tokens[kind] = _token(self.admin, form)
        return self.tokens[kind]

    def _put(self, path: str, body: dict[str, Any]) -> None:
        answer = self.admin.put(f"/v1{path}", json=body)
        assert answer.is_success, answer.text

    def _post(self, path: str, body: dict[str, Any]) -> str:
        answer = self.admin.post(f"/v1{path}", json=body)
        assert answer.is_success, answer.text
        return str(answer.json()["ID"]) if answer.content else ""


@contextmanager
def fuzzed_shop(prepared: Path) -> Iterator[FuzzedShop]:
    """A server for fuzzers alone: what they do to its demo marketplace must not meet another test."""
    with (
        running_shop(prepared) as shop,
        httpx.Client(base_url=shop.url, timeout=60, trust_env=False) as admin,
    ):
        demo = shop.demo
        form = {
            "grant_type": "client_credentials",
            "client_id": demo["integrationClientID"],
            "client_secret": demo["integrationClientSecret"],
        }
        admin.headers["Authorization"] = f"Bearer {_token(admin, form)}"
        fuzzed = FuzzedShop(openapi.from_url(f"{shop.url}/v1/openapi/v3"), demo, admin)
        fuzzed.special["ID"] = admin.get("/oauth/certs").json()["keys"][0]["kid"]
        fuzzed.special["thingType"] = "Company"
        admin.put("/v1/buyers/callers", json=COMPANY).raise_for_status()
        yield fuzzed


def _token(http: httpx.Client, form: dict[str, str]) -> str:
    answer = http.post("/oauth/token", data=form, headers={"Authorization": ""})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])
