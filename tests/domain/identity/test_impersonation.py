"""Impersonation: matching configurations and granted roles (AUTH-74 to AUTH-77)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.domain.identity.impersonation import (
    ImpersonationRequest,
    ImpersonationRule,
    PartyPattern,
    Person,
    impersonated_roles,
)
from entrepot.domain.identity.roles import NO_ROLES, ClientRoleLimits, RoleSet
from entrepot.kernel.errors import (
    ApiError,
    ImpersonatedBuyerNotAssignedError,
    ImpersonationClientNotFoundError,
    ImpersonationConfigError,
)
from entrepot.kernel.user_types import UserType

ADMIN = Person(UserType.SELLER, "market", "admin01", frozenset({"support"}))
SUPPLIER = Person(UserType.SUPPLIER, "ACME", "sue")
MANAGER = Person(UserType.BUYER, "ACME", "mary", frozenset({"managers"}))
BUYER = Person(UserType.BUYER, "Globex", "bob", frozenset({"staff", "support"}))
ANYONE = PartyPattern()


@pytest.mark.parametrize(
    ("rule", "pattern", "person", "covered"),
    [
        ("any admin user", ANYONE, ADMIN, True),
        ("seller side is no buyer", ANYONE, MANAGER, False),
        ("seller side is no supplier", ANYONE, SUPPLIER, False),
        ("admin group", PartyPattern(group_id="Support"), ADMIN, True),
        ("other admin group", PartyPattern(group_id="sales"), ADMIN, False),
        ("admin group is no group of a buyer's", PartyPattern(group_id="support"), BUYER, False),
        ("admin user", PartyPattern(user_id="ADMIN01"), ADMIN, True),
        ("other admin user", PartyPattern(user_id="admin02"), ADMIN, False),
        ("buyer", PartyPattern("acme"), MANAGER, True),
        ("a supplier of the buyer's ID", PartyPattern("ACME"), SUPPLIER, False),
        ("other buyer", PartyPattern("Globex"), MANAGER, False),
        ("group in buyer", PartyPattern("ACME", "managers"), MANAGER, True),
        ("group not in buyer", PartyPattern("ACME", "staff"), MANAGER, False),
        ("user in buyer", PartyPattern("ACME", None, "mary"), MANAGER, True),
        ("namesake in another buyer", PartyPattern("Globex", None, "mary"), MANAGER, False),
        ("both must hold", PartyPattern("ACME", "staff", "mary"), MANAGER, False),
    ],
)
def test_auth_74_impersonator(rule: str, pattern: PartyPattern, person: Person, covered: bool) -> None:
    assert ImpersonationRule("client", pattern, ANYONE).covers("CLIENT", person, BUYER) is covered, rule


@pytest.mark.parametrize(
    ("rule", "pattern", "person", "covered"),
    [
        ("any buyer", ANYONE, BUYER, True),
        ("buyer users alone", ANYONE, ADMIN, False),
        ("buyer users alone, no suppliers", ANYONE, SUPPLIER, False),
        ("that buyer", PartyPattern("GLOBEX"), BUYER, True),
        ("other buyer", PartyPattern("ACME"), BUYER, False),
        ("group", PartyPattern("Globex", "staff"), BUYER, True),
        ("other group", PartyPattern("Globex", "managers"), BUYER, False),
        ("user", PartyPattern("Globex", None, "bob"), BUYER, True),
        ("other user", PartyPattern("Globex", None, "mary"), BUYER, False),
        ("a user without its buyer names nobody", PartyPattern(None, None, "bob"), BUYER, False),
        ("a group without its buyer names nobody", PartyPattern(None, "staff"), BUYER, False),
    ],
)
def test_auth_74_impersonatee(rule: str, pattern: PartyPattern, person: Person, covered: bool) -> None:
    assert ImpersonationRule("client", ANYONE, pattern).covers("client", ADMIN, person) is covered, rule


def test_auth_74_other_client_and_same_combination() -> None:
    rule = ImpersonationRule("client", ANYONE, PartyPattern("Globex"), RoleSet.of(["Shopper"]))
    assert not rule.covers("another", ADMIN, BUYER)
    same = ImpersonationRule("CLIENT", ANYONE, PartyPattern("globex"))
    assert rule.combination() == same.combination()
    assert rule.combination() != replace(rule, impersonatee=PartyPattern("ACME")).combination()
    assert rule.combination() != replace(rule, impersonator=PartyPattern("Globex")).combination()


REQUEST = ImpersonationRequest(
    "client", ADMIN, BUYER, client_exists_for_caller=True, client_admits_buyer=True
)
SHOP = ImpersonationRule("client", ANYONE, ANYONE, RoleSet.of(["Shopper", "MeAdmin"], ["Foo"]))
APPROVE = ImpersonationRule("client", ANYONE, PartyPattern("Globex"), RoleSet.of(["OrderReader"]))
ELSEWHERE = ImpersonationRule("client", ANYONE, PartyPattern("ACME"), RoleSet.of(["OrderAdmin"]))


@pytest.mark.parametrize(
    ("rule", "roles", "custom", "limits", "granted"),
    [
        ("AUTH-76 all", [], [], ClientRoleLimits(), ["MeAdmin", "OrderReader", "Shopper", "Foo"]),
        ("AUTH-76 some", ["shopper"], [], ClientRoleLimits(), ["Shopper"]),
        ("AUTH-76 of both kinds", ["Shopper"], ["FOO"], ClientRoleLimits(), ["Shopper", "Foo"]),
        ("AUTH-76 not of other configs", ["OrderAdmin"], [], ClientRoleLimits(), []),
        (
            "AUTH-76 custom alone",
            [],
            ["Bar"],
            ClientRoleLimits(),
            ["MeAdmin", "OrderReader", "Shopper"],
        ),
        (
            "AUTH-18 the client's maximum",
            [],
            [],
            ClientRoleLimits.of(maximum_api=["Shopper"], maximum_custom=["Bar"]),
            ["Shopper"],
        ),
        (
            "AUTH-18 not its minimum",
            ["Shopper"],
            [],
            ClientRoleLimits.of(minimum_api=["OrderAdmin"]),
            ["Shopper"],
        ),
    ],
)
def test_auth_76_granted_roles(
    rule: str, roles: list[str], custom: list[str], limits: ClientRoleLimits, granted: list[str]
) -> None:
    request = replace(REQUEST, roles=roles, custom_roles=custom)
    assert [*impersonated_roles(request, [SHOP, APPROVE, ELSEWHERE], limits).names()] == granted, rule


@pytest.mark.parametrize(
    ("request_", "rules", "error", "code"),
    [
        (
            replace(REQUEST, client_exists_for_caller=False, client_admits_buyer=False),
            [],
            ImpersonationClientNotFoundError,
            "Impersonation.ClientIDNotFound",
        ),
        (
            replace(REQUEST, client_admits_buyer=False),
            [],
            ImpersonatedBuyerNotAssignedError,
            "Impersonation.BuyerNotAssigned",
        ),
        (REQUEST, [], ImpersonationConfigError, "Impersonation.ConfigError"),
        (REQUEST, [ELSEWHERE], ImpersonationConfigError, "Impersonation.ConfigError"),
        (
            REQUEST,
            [replace(SHOP, profile=NO_ROLES)],
            ImpersonationConfigError,
            "Impersonation.ConfigError",
        ),
    ],
)
def test_auth_75_refusals_in_order(
    request_: ImpersonationRequest, rules: list[ImpersonationRule], error: type[ApiError], code: str
) -> None:
    with pytest.raises(error) as refused:
        impersonated_roles(request_, rules)
    assert (refused.value.code, refused.value.status) == (code, 400)


names = st.lists(
    st.sampled_from(["Shopper", "MeAdmin", "OrderReader", "OrderAdmin", "Foo", "FullAccess", "x"])
)


@given(names, names)
def test_granted_is_a_subset_of_the_matching_profiles(roles: list[str], custom: list[str]) -> None:
    request = replace(REQUEST, roles=roles, custom_roles=custom)
    granted = impersonated_roles(request, [SHOP, APPROVE, ELSEWHERE])
    allowed = SHOP.profile.union(APPROVE.profile)
    assert granted.api <= allowed.api
    assert granted.custom <= allowed.custom
