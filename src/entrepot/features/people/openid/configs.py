"""The configuration of a login with its API client, as the marketplace has set it (OIDC-1, AUTH-78)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from entrepot.engine.call import Call
from entrepot.engine.rows import render
from entrepot.engine.statements import statements
from entrepot.features.people.integrations.openid import OPEN_ID_CONNECTS
from entrepot.features.people.oauth.grant_client import GrantClient, load_client, require_active
from entrepot.features.people.services import services
from entrepot.kernel.errors import LoginAddressError, LoginNotConfiguredError, UnknownClientError

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Login:
    """A login through one configuration. `call` acts for the marketplace; `shown` is the configuration without its secret."""

    call: Call
    client: GrantClient
    shown: Values
    secret: str = field(repr=False)

    def __getitem__(self, name: str) -> Any:
        """A property of the configuration; texts without blanks around them, "" for none."""
        value = self.shown[name]
        return (value or "").strip() if value is None or isinstance(value, str) else value


async def find_login(call: Call, config_id: str, client_id: str) -> Login:
    """The configuration of this ID, which names this API client. Raises LoginNotConfiguredError, and what the token endpoint
    raises for a client or a marketplace that is not active.
    """
    try:
        client = await load_client(call.pool, services(call), client_id)
    except UnknownClientError as error:
        raise LoginNotConfiguredError from error
    call.sender.note_for(client.nobody)
    sql = statements(OPEN_ID_CONNECTS).read
    row = await call.pool.fetchrow(sql, client.marketplace_id, config_id)
    if row is None or row["OrderCloudApiClientID"].lower() != client.id.lower():
        raise LoginNotConfiguredError
    require_active(client)
    acting = client.acting(call)
    shown = render(acting, OPEN_ID_CONNECTS, row)
    secret = shown["ConnectClientSecret"] or ""
    return Login(acting, client, shown | {"ConnectClientSecret": None}, secret)


def require_web_address(call: Call, url: str) -> str:
    """An address to which a browser may be led with a login's question. Raises LoginAddressError."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise LoginAddressError from error
    schemes = {"https", "http"} if services(call).outgoing.private else {"https"}
    if parts.scheme not in schemes or not parts.hostname or not url.isascii() or not url.isprintable():
        raise LoginAddressError
    return url
