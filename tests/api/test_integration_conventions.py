"""What holds for the settings of all integrations (INT-1)."""

from __future__ import annotations

import pytest
from tests.api.marketplace import Api
from tests.http.driver import ask

from entrepot.app.registry import registry
from entrepot.declare.operation import Operation
from entrepot.http.routing import mounted
from entrepot.kernel.user_types import UserType

PLACES = (
    "/messagesenders",
    "/apiclients",
    "/incrementors",
    "/integrationEvents",
    "/webhooks",
    "/xpindices",
    "/openidconnects",
    "/impersonationconfig",
    "/securityprofiles",
    "/integrations",
)


def of_sellers(place: str) -> list[Operation]:
    """The operations at a path and below."""
    found = registry().operations.values()
    return [each for each in found if f"{each.path}/".lower().startswith(f"{place}/".lower())]


@pytest.mark.parametrize("place", PLACES)
async def test_int_1_they_are_for_users_of_the_seller(place: str, api: Api) -> None:
    """Others are refused whatever their roles, before anything is looked at."""
    users = (await api.user(buyer=await api.buyer()), await api.user(supplier=await api.supplier()))
    tokens = [api.token(user, roles=["FullAccess"]) for user in users]
    operations = of_sellers(place)
    assert {each.verb for each in operations} >= {"GET", "PUT", "DELETE"}
    for operation in operations:
        assert operation.user_types == {UserType.SELLER}, operation.id
        for token in tokens:
            path = mounted(operation.path).replace("{", "nope-").replace("}", "")
            answer = await ask(api.server.app, operation.verb, path, token=token, body=b"{}")
            (error,) = answer.json["Errors"]
            assert (answer.status, error["ErrorCode"]) == (403, "Auth.UserNotAuthorizedToAdmin"), operation.id
