"""What is measured, and what each case has to reach."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from urllib.parse import urlencode

from benchmarks.load import Request
from benchmarks.marketplace import BUYER, PASSWORD, SEED, USERS, Marketplace, is_active, user_id, username
from benchmarks.names import LAST_NAMES

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Case:
    """Requests of one kind. `target` is the least ratio to the limit with one SELECT; `beside` goes on meanwhile."""

    name: str
    requests: tuple[Request, ...]
    target: float | None = None
    beside: Callable[[], AbstractContextManager[None]] = nullcontext


BARE = Case("Limit: ASGI, a constant", (Request("GET", "/"),))
ONE_SELECT = Case("Limit: ASGI, one SELECT", (Request("GET", "/"),))


@dataclass(frozen=True, slots=True)
class Tokens:
    """Bearer tokens, as the Authorization header has them."""

    admin: str
    buyer: str


def cases(marketplace: Marketplace, tokens: Tokens) -> tuple[Case, ...]:
    """All cases of the server; the first one is also what logins are run beside, the last one the logins."""
    users = f"/v1/buyers/{BUYER}/users"
    chance = random.Random(SEED)
    somebody = [chance.randrange(USERS) for _ in range(2000)]
    return (
        Case("GET /v1/me", (Request("GET", "/v1/me", tokens.buyer),), 0.55),
        Case(
            "GET /v1/buyers/{id}/users/{id}",
            tuple(Request("GET", f"{users}/{user_id(number)}", tokens.admin) for number in somebody),
            0.55,
        ),
        Case(
            "List: LastName=..., sortBy=FirstName",
            tuple(
                Request("GET", f"{users}?LastName={name}&sortBy=FirstName&pageSize=20", tokens.admin)
                for name in chance.sample(LAST_NAMES, 200)
            ),
            0.3,
        ),
        Case(
            "List: Active=true, sortBy=LastName",
            (Request("GET", f"{users}?Active=true&sortBy=LastName&pageSize=20", tokens.admin),),
            0.03,
        ),
        Case(
            "List: search=..., 20 of some 100",
            tuple(
                Request("GET", f"{users}?search={name.lower()}&pageSize=20", tokens.admin)
                for name in chance.sample(LAST_NAMES, 200)
            ),
        ),
        Case("PATCH of a user", tuple(_patches(users, tokens.admin, chance)), 0.1),
        Case(
            "POST /oauth/token, password",
            tuple(
                Request("POST", "/oauth/token", "", FORM, login(marketplace, number))
                for number in somebody
                if is_active(number)
            ),
        ),
    )


def login(marketplace: Marketplace, number: int | None) -> str:
    """The form of a password grant for a user of the buyer; None logs the administrator in."""
    name = marketplace.admin_username if number is None else username(number)
    password = marketplace.admin_password if number is None else PASSWORD
    fields = {
        "grant_type": "password",
        "client_id": marketplace.client_id,
        "username": name,
        "password": password,
    }
    return urlencode(fields)


def _patches(users: str, token: str, chance: random.Random) -> list[Request]:
    """Each changes a telephone number to another one."""
    return [
        Request(
            "PATCH",
            f"{users}/{user_id(chance.randrange(USERS))}",
            token,
            JSON,
            json.dumps({"Phone": f"+1 555 {chance.randrange(10_000):04d}"}),
        )
        for _ in range(8000)
    ]
