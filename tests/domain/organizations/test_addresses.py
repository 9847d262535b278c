"""State and Zip are for the countries that have them (ADR-1, BODY-8)."""

from __future__ import annotations

import pytest

from entrepot.domain.organizations.addresses import missing_parts


@pytest.mark.parametrize(
    ("country", "state", "zip_code", "missing"),
    [
        ("US", "MN", "55401", ()),
        ("US", None, None, ("State", "Zip")),
        ("ca", "", "A1A", ("State",)),
        ("CA", "ON", " ", ("Zip",)),
        ("DE", None, None, ()),
        ("MX", "", "", ()),
    ],
)
def test_missing_parts(
    country: str, state: str | None, zip_code: str | None, missing: tuple[str, ...]
) -> None:
    assert missing_parts(country, state, zip_code) == missing
