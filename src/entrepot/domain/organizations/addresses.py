"""What an address needs beyond its required properties (ADR-1, BODY-8)."""

from __future__ import annotations

COUNTRY_LENGTH = 2
"""Characters of a country code."""
_WITH_STATE_AND_ZIP = frozenset({"US", "CA"})


def missing_parts(country: str, state: str | None, zip_code: str | None) -> tuple[str, ...]:
    """The properties that this country demands and the address lacks: `State`, `Zip`, in this order."""
    if country.upper() not in _WITH_STATE_AND_ZIP:
        return ()
    parts = {"State": state, "Zip": zip_code}
    return tuple(name for name, value in parts.items() if not (value and value.strip()))
