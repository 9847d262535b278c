"""What an API client admits and demands (AUTH-7, AUTH-25, AUTH-33, AUTH-40, AUTH-43)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from entrepot.domain.identity.clients import (
    ClientAdmission,
    ClientSecrets,
    SecretRecord,
    TokenDurations,
    expires_in,
)
from entrepot.kernel.user_types import UserType

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
NOBODY = ClientAdmission()
SELLERS = ClientAdmission(allow_seller=True)
ALL_COMPANIES = ClientAdmission(allow_any_buyer=True, allow_any_supplier=True)


@pytest.mark.parametrize(
    ("rule", "client", "user_type", "assigned", "admitted"),
    [
        ("AUTH-40 seller", SELLERS, UserType.SELLER, False, True),
        ("AUTH-40 seller not allowed", ALL_COMPANIES, UserType.SELLER, True, False),
        ("AUTH-40 any buyer", ALL_COMPANIES, UserType.BUYER, False, True),
        ("AUTH-40 assigned buyer", NOBODY, UserType.BUYER, True, True),
        ("AUTH-40 other buyer", SELLERS, UserType.BUYER, False, False),
        ("AUTH-40 any supplier", ALL_COMPANIES, UserType.SUPPLIER, False, True),
        ("AUTH-40 assigned supplier", SELLERS, UserType.SUPPLIER, True, True),
        ("AUTH-40 other supplier", SELLERS, UserType.SUPPLIER, False, False),
        (
            "AUTH-40 the switches are per kind",
            ClientAdmission(allow_any_buyer=True),
            UserType.SUPPLIER,
            False,
            False,
        ),
    ],
)
def test_admission(
    rule: str, client: ClientAdmission, user_type: UserType, assigned: bool, admitted: bool
) -> None:
    assert client.admits(user_type, is_company_assigned=assigned) is admitted, rule


FOREVER = SecretRecord("hash 1", b"print 1")
UNTIL_LATER = SecretRecord("hash 2", b"print 1", NOW + timedelta(seconds=1))
UNTIL_NOW = SecretRecord("hash 3", b"print 1", NOW)
OTHER = SecretRecord("hash 4", b"print 2")


@pytest.mark.parametrize(
    ("rule", "secrets", "confidential"),
    [
        ("AUTH-43 none", ClientSecrets(), False),
        ("AUTH-43 legacy", ClientSecrets("secret"), True),
        ("AUTH-43 an empty legacy secret is none", ClientSecrets(""), False),
        ("AUTH-43 record", ClientSecrets(None, (FOREVER,)), True),
        ("AUTH-43 expired record", ClientSecrets(None, (UNTIL_NOW,)), True),
    ],
)
def test_confidential(rule: str, secrets: ClientSecrets, confidential: bool) -> None:
    assert secrets.is_confidential is confidential, rule


@pytest.mark.parametrize(
    ("stored", "presented", "matches"),
    [
        ("Geheimnis é", "Geheimnis é", True),
        ("Geheimnis", "geheimnis", False),
        ("Geheimnis", "", False),
        ("", "", False),
        (None, "", False),
        (None, "x", False),
        ("x", "\ud800", False),
    ],
)
def test_auth_43_legacy_secret(stored: str | None, presented: str, matches: bool) -> None:
    assert ClientSecrets(stored).matches_legacy(presented) is matches


def test_auth_43_candidates_have_the_fingerprint_and_are_not_expired() -> None:
    secrets = ClientSecrets("legacy", (FOREVER, UNTIL_LATER, UNTIL_NOW, OTHER))
    assert [*secrets.candidates(b"print 1", NOW)] == [FOREVER, UNTIL_LATER]
    assert [*secrets.candidates(b"print 1", NOW + timedelta(seconds=1))] == [FOREVER]
    assert [*secrets.candidates(b"print 3", NOW)] == []


@pytest.mark.parametrize(
    ("rule", "durations", "anonymous", "expected", "has_refresh"),
    [
        ("AUTH-7 600 minutes", TokenDurations(600), False, 35_999, False),
        ("AUTH-7 refresh", TokenDurations(10, refresh=60), False, 599, True),
        ("AUTH-7 no refresh for guests", TokenDurations(10, refresh=60), True, 604_799, False),
        ("AUTH-25 default of guests", TokenDurations(600), True, 604_799, False),
        ("AUTH-25 sixty days", TokenDurations(600, anonymous=86_400), True, 5_183_999, False),
        ("AUTH-25 only for guests", TokenDurations(10, anonymous=86_400), False, 599, False),
    ],
)
def test_durations(
    rule: str, durations: TokenDurations, anonymous: bool, expected: int, has_refresh: bool
) -> None:
    assert expires_in(durations.access_lifetime(is_anonymous=anonymous)) == expected, rule
    refresh = durations.refresh_lifetime(is_anonymous=anonymous)
    assert refresh == (timedelta(minutes=durations.refresh) if has_refresh else None), rule
