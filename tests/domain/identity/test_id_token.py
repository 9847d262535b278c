"""What an identity token has to say (OpenID Connect Core 3.1.3.7)."""

from typing import Any

import pytest

from entrepot.domain.identity.id_token import LEEWAY, Identity, identity_of
from entrepot.kernel.errors import AuthorityTokenError

NOW = 1_000_000
GOOD = {"iss": "https://id", "sub": "s", "aud": "me", "nonce": "n", "exp": NOW + 1, "iat": NOW - 1}


def read(issuer: str = "https://id", **claims: Any) -> Identity:
    given = {name: value for name, value in (GOOD | claims).items() if value is not None}
    return identity_of(given, issuer=issuer, client_id="me", nonce="n", now=NOW)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": None}, {"iss": "https://id/"}, {"iss": 1}, {"sub": None}, {"sub": ""}, {"sub": 1}, {"sub": "s" * 256}, {"sub": "\ud800"},
        {"aud": None}, {"aud": "other"}, {"aud": ["other"]}, {"aud": {"me": 1}}, {"azp": "other"},
        {"aud": ["me", "other"]}, {"aud": ["me", "other"], "azp": "other"}, {"nonce": None}, {"nonce": "x"}, {"nonce": 1},
        {"exp": None}, {"exp": NOW - LEEWAY}, {"exp": "9999999999"}, {"exp": True}, {"exp": float("nan")},
        {"iat": None}, {"iat": NOW + LEEWAY + 1}, {"nbf": NOW + LEEWAY + 1}, {"nbf": "0"},
    ],
)  # fmt: skip
def test_oidc_4_what_does_not_fit_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(AuthorityTokenError, match="error validating token with authority"):
        read(**claims)


def test_what_fits() -> None:
    assert read() == Identity("https://id", "s", None)
    assert read(aud=["me"], exp=NOW - LEEWAY + 1, nbf=NOW + LEEWAY, azp="me").subject == "s"
    assert read(aud=["me", "other"], azp="me").subject == "s"


def test_oidc_3_only_an_address_that_the_provider_vouches_for_counts() -> None:
    assert read(email="a@b", email_verified=True).email == "a@b"
    assert read(email="a@b", email_verified="true").email == "a@b"
    sayings: tuple[Any, ...] = (None, False, "false", "yes", 1.5, {})
    for said in sayings:
        assert read(email="a@b", email_verified=said).email is None
    assert read(email=["a@b"], email_verified=True).email is None
    for text in ("a\0@b", "a\ud800@b", ""):
        assert read(email=text, email_verified=True).email is None


def test_a_provider_of_many_organizations() -> None:
    template = "https://id/{tenantid}/v2.0"
    assert read(template, iss="https://id/t1/v2.0", tid="t1").issuer == "https://id/t1/v2.0"
    for claims in (
        {"iss": "https://id/t1/v2.0"},
        {"iss": "https://id/t1/v2.0", "tid": "t2"},
        {"iss": template},
    ):
        with pytest.raises(AuthorityTokenError):
            read(template, **claims)
