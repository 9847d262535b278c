"""Granting roles (AUTH-15 to AUTH-20) and refreshing them (AUTH-8)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.domain.identity.api_roles import ApiRole, find_api_role
from entrepot.domain.identity.roles import (
    ALL_API_ROLES,
    NO_LIMITS,
    NO_ROLES,
    ClientRoleLimits,
    RoleSet,
    grant,
    parse_scope,
    regrant,
)
from entrepot.kernel.errors import MinimumRolesError

SHOPPER = RoleSet.of(["Shopper", "MeAdmin"], ["FooRole"])
OWNER = RoleSet.of(["FullAccess"], ["FooRole"])


def test_auth_20_api_roles_are_94_in_the_contract_s_order_and_found_in_any_case() -> None:
    assert len(ApiRole) == 94
    assert [*ApiRole][:2] == [ApiRole.ApiClientAdmin, ApiRole.ApiClientReader]
    assert [*ApiRole][-1] is ApiRole.OrderEditAfterSubmit
    assert all(role.name == role.value for role in ApiRole)
    assert find_api_role("fullACCESS") is ApiRole.FullAccess
    assert find_api_role("InventoryAdmin") is None


@pytest.mark.parametrize(
    ("rule", "scope", "available", "limits", "granted"),
    [
        ("AUTH-15 requested and available", "Shopper OrderAdmin", SHOPPER, NO_LIMITS, ["Shopper"]),
        ("AUTH-15 both kinds", "Shopper FooRole", SHOPPER, NO_LIMITS, ["Shopper", "FooRole"]),
        ("AUTH-15 unknown names", "undefined InventoryAdmin Shopper", SHOPPER, NO_LIMITS, ["Shopper"]),
        ("AUTH-15 tabs and repeated blanks", " Shopper \t Shopper  ", SHOPPER, NO_LIMITS, ["Shopper"]),
        ("AUTH-16 no scope", None, SHOPPER, NO_LIMITS, ["MeAdmin", "Shopper", "FooRole"]),
        ("AUTH-16 empty scope", "", SHOPPER, NO_LIMITS, ["MeAdmin", "Shopper", "FooRole"]),
        ("AUTH-16 blank scope", "  ", SHOPPER, NO_LIMITS, ["MeAdmin", "Shopper", "FooRole"]),
        ("AUTH-17 FullAccess as itself", None, OWNER, NO_LIMITS, ["FullAccess", "FooRole"]),
        (
            "AUTH-17 any API role on request",
            "OrderAdmin Shopper",
            OWNER,
            NO_LIMITS,
            ["OrderAdmin", "Shopper"],
        ),
        ("AUTH-17 FullAccess on request", "FullAccess", OWNER, NO_LIMITS, ["FullAccess"]),
        ("AUTH-17 but no custom role", "BarRole Shopper", OWNER, NO_LIMITS, ["Shopper"]),
        (
            "AUTH-18 worked example",
            None,
            SHOPPER,
            ClientRoleLimits.of(maximum_api=["Shopper"]),
            ["Shopper", "FooRole"],
        ),
        (
            "AUTH-18 custom maximum leaves API roles alone",
            None,
            SHOPPER,
            ClientRoleLimits.of(maximum_custom=["foorole"]),
            ["MeAdmin", "Shopper", "FooRole"],
        ),
        (
            "AUTH-18 custom maximum of other names",
            None,
            SHOPPER,
            ClientRoleLimits.of(maximum_custom=["Shopper"]),
            ["MeAdmin", "Shopper"],
        ),
        (
            "AUTH-18 maximum cuts what a scope asks",
            "MeAdmin Shopper",
            SHOPPER,
            ClientRoleLimits.of(maximum_api=["MeAdmin"]),
            ["MeAdmin"],
        ),
        (
            "AUTH-18 a maximum without FullAccess leaves its roles to the holder",
            None,
            OWNER,
            ClientRoleLimits.of(maximum_api=["Shopper", "OrderAdmin"]),
            ["OrderAdmin", "Shopper", "FooRole"],
        ),
        (
            "AUTH-18 a maximum with FullAccess",
            None,
            OWNER,
            ClientRoleLimits.of(maximum_api=["Shopper", "FullAccess"]),
            ["FullAccess", "FooRole"],
        ),
        (
            "AUTH-18 minimum met",
            "MeAdmin",
            SHOPPER,
            ClientRoleLimits.of(minimum_api=["Shopper"], minimum_custom=["FOOROLE"]),
            ["MeAdmin"],
        ),
        (
            "AUTH-18 FullAccess meets any minimum of API roles",
            "MeAdmin",
            OWNER,
            ClientRoleLimits.of(minimum_api=["Shopper", "OrderAdmin"]),
            ["MeAdmin"],
        ),
        ("AUTH-19 nothing left", "OrderAdmin", SHOPPER, NO_LIMITS, []),
        ("AUTH-20 any case in, canonical out", "sHOPPER foorole", SHOPPER, NO_LIMITS, ["Shopper", "FooRole"]),
    ],
)
def test_grant(
    rule: str, scope: str | None, available: RoleSet, limits: ClientRoleLimits, granted: list[str]
) -> None:
    assert [*grant(parse_scope(scope), available, limits).names()] == granted, rule


@pytest.mark.parametrize(
    ("rule", "limits"),
    [
        ("E12 API role", ClientRoleLimits.of(minimum_api=["Shopper", "OrderAdmin"])),
        ("E12 custom role", ClientRoleLimits.of(minimum_custom=["FooRole", "BarRole"])),
        ("E12 an API role is no custom role", ClientRoleLimits.of(minimum_custom=["Shopper"])),
    ],
)
def test_grant_refuses_who_lacks_the_minimum(rule: str, limits: ClientRoleLimits) -> None:
    with pytest.raises(MinimumRolesError) as refused:
        grant(parse_scope("Shopper"), SHOPPER, limits)
    assert refused.value.code == "Auth.InsufficientRoles", rule
    assert refused.value.status == 400, rule


@pytest.mark.parametrize("name", ["FullAccess", "fullaccess", "ORDERADMIN"])
def test_a_custom_role_named_as_an_api_role_never_reaches_a_token(name: str) -> None:
    available = RoleSet.of(["Shopper"], [name, "Foo"])
    assert grant(None, available).names() == ("Shopper", "Foo")
    assert grant(parse_scope(name), available) == NO_ROLES


def test_auth_17_union_of_profiles_keeps_one_spelling_of_a_custom_role() -> None:
    profiles = [RoleSet.of(["Shopper"], ["foo", "Bar"]), RoleSet.of(["MeAdmin", "shopper"], ["Foo"])]
    assert NO_ROLES.union(*profiles).names() == ("MeAdmin", "Shopper", "Bar", "Foo")
    assert NO_ROLES.union(*profiles) == NO_ROLES.union(*reversed(profiles))


@pytest.mark.parametrize(
    ("rule", "original", "scope", "available", "granted"),
    [
        ("AUTH-8 as before", ["Shopper"], None, SHOPPER, ["Shopper"]),
        ("AUTH-8 lost meanwhile", ["Shopper", "OrderAdmin"], None, SHOPPER, ["Shopper"]),
        ("AUTH-8 gained meanwhile", ["Shopper"], "Shopper MeAdmin", SHOPPER, ["Shopper"]),
        ("AUTH-8 narrowed", ["Shopper", "MeAdmin"], "MeAdmin", SHOPPER, ["MeAdmin"]),
        ("AUTH-8 narrowed to nothing is not all", ["Shopper"], "MeAdmin", SHOPPER, []),
        ("AUTH-8 none before is not all", [], None, SHOPPER, []),
        ("AUTH-8 FullAccess now", ["Shopper"], None, OWNER, ["Shopper"]),
    ],
)
def test_regrant(
    rule: str, original: list[str], scope: str | None, available: RoleSet, granted: list[str]
) -> None:
    assert [*regrant(RoleSet.named(original), scope, available).names()] == granted, rule


api_roles = st.frozensets(st.sampled_from(ApiRole), max_size=6)
custom_roles = st.frozensets(st.sampled_from(["Foo", "foo", "BAR", "Ünï", "shopper"]), max_size=4)
role_sets = st.builds(RoleSet.of, api_roles, custom_roles)
scopes = st.none() | st.lists(st.sampled_from([*ApiRole, "Foo", "bar", "undefined", "ÜNÏ"]), max_size=6).map(
    " ".join
)
maxima = st.builds(
    lambda api, custom: ClientRoleLimits.of(maximum_api=api, maximum_custom=custom), api_roles, custom_roles
)


@given(scopes, role_sets, maxima)
def test_granted_is_a_subset_of_requested_available_and_maximum(
    scope: str | None, available: RoleSet, limits: ClientRoleLimits
) -> None:
    granted = grant(parse_scope(scope), available, limits)
    reachable = ALL_API_ROLES if ApiRole.FullAccess in available.api else available.api
    assert granted.api <= reachable
    assert granted.custom <= available.custom
    requested = parse_scope(scope)
    if requested is not None:
        assert granted.folded() <= requested
    if limits.maximum_api is not None:
        assert granted.api <= limits.maximum_api
    if limits.maximum_custom is not None:
        assert {name.casefold() for name in granted.custom} <= limits.maximum_custom


@given(scopes, scopes, role_sets, maxima)
def test_a_refresh_never_widens(
    first: str | None, second: str | None, available: RoleSet, limits: ClientRoleLimits
) -> None:
    original = grant(parse_scope(first), available, limits)
    assert regrant(original, None, available, limits) == original
    assert regrant(original, second, available, limits).folded() <= original.folded()


@given(role_sets)
def test_names_and_named_are_inverse(roles: RoleSet) -> None:
    assert RoleSet.named(roles.names()) == roles
