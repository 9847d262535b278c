"""Where identity providers describe themselves, and which descriptions are believed."""

from typing import Any

import pytest

from entrepot.domain.identity.discovery import MOST_PLACES, Provider, described, issuers

GOOD = {
    "issuer": "https://id/a",
    "authorization_endpoint": "https://id/a/auth",
    "token_endpoint": "https://id/a/token",
    "jwks_uri": "https://id/a/keys",
}


@pytest.mark.parametrize(
    ("endpoints", "places"),
    [
        (("https://id/realms/a/protocol/auth",), ("https://id/realms/a/protocol", "https://id/realms/a", "https://id/realms", "https://id")),
        (("https://id/t/oauth2/v2.0/authorize",), ("https://id/t/oauth2/v2.0", "https://id/t/oauth2", "https://id/t", "https://id/t/v2.0", "https://id", "https://id/v2.0")),
        (("https://a/o/auth?x=/y", "https://b/token"), ("https://a/o", "https://a", "https://b")),
        (("https://id",), ("https://id",)),
        (("javascript:alert(1)", "https://u:p@id/x", "", "https://[", "/auth"), ()),
    ],
)  # fmt: skip
def test_places(endpoints: tuple[str, ...], places: tuple[str, ...]) -> None:
    found = issuers(*endpoints)
    assert set(places) <= set(found)
    assert len(found) <= MOST_PLACES
    assert found[:1] == places[:1]


def read(issuer: str = "https://id/a", token: str = "https://id/a/token", **changes: Any) -> Provider | None:
    return described(
        GOOD | changes, issuer=issuer, authorization_endpoint="https://id/a/auth?p=1", token_endpoint=token
    )


def test_a_description_names_its_place_and_one_of_our_endpoints() -> None:
    assert read() == Provider(
        "https://id/a",
        "https://id/a/keys",
        pkce=False,
        authorization_endpoint="https://id/a/auth",
        token_endpoint="https://id/a/token",
    )
    pkce = read(code_challenge_methods_supported=["plain", "S256"], token="https://else")
    assert pkce is not None
    assert pkce.pkce
    assert read(issuer="https://id/a/") == read()


@pytest.mark.parametrize(
    "changes",
    [{"issuer": "https://id"}, {"issuer": None}, {"jwks_uri": None}, {"jwks_uri": ""}, {"authorization_endpoint": "https://evil", "token_endpoint": "https://evil"}],
)  # fmt: skip
def test_other_descriptions_are_not_believed(changes: dict[str, Any]) -> None:
    document = GOOD | changes
    assert described(document, issuer="https://id/a", authorization_endpoint="https://id/a/auth", token_endpoint="https://id/a/token") is None  # fmt: skip


def test_no_description() -> None:
    documents: tuple[Any, ...] = (None, [], "x", 1)
    for document in documents:
        assert described(document, issuer="https://id/a", authorization_endpoint="https://id/a/auth", token_endpoint="") is None  # fmt: skip


def test_a_provider_of_many_organizations() -> None:
    document = GOOD | {"issuer": "https://id/{tenantid}/v2.0"}
    common = {"authorization_endpoint": "https://id/a/auth", "token_endpoint": "https://id/a/token"}
    found = described(document, issuer="https://id/common/v2.0", **common)
    assert found is not None
    assert found.issuer == "https://id/{tenantid}/v2.0"
    assert described(document, issuer="https://evil/common/v2.0", **common) is None
