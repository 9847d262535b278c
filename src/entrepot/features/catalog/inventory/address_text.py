"""An address as JSON text, made by the database."""

from __future__ import annotations

from entrepot.features.people.moment_text import moment_text

PARTS = (
    "CompanyName",
    "FirstName",
    "LastName",
    "Street1",
    "Street2",
    "City",
    "State",
    "Zip",
    "Country",
    "Phone",
    "AddressName",
    "xp",
)


def address_object(alias: str) -> str:
    """The SQL of the JSON object of one row of addresses, in the contract's order."""
    created = moment_text(f'{alias}."DateCreated"')
    rest = ", ".join(f"'{part}', {alias}.\"{part}\"" for part in PARTS)
    return f"json_build_object('ID', {alias}.\"ID\", 'DateCreated', {created}, {rest})"
