"""An address as JSON text, made by the database (BODY-6 for its date)."""

from __future__ import annotations

MOMENT = """rtrim(rtrim(to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS'), '0'), '.') || '+00:00'"""
"""A timestamptz as format_datetime writes it: at most three fraction digits, no trailing zeros."""
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
    created = MOMENT.format(column=f'{alias}."DateCreated"')
    rest = ", ".join(f"'{part}', {alias}.\"{part}\"" for part in PARTS)
    return f"json_build_object('ID', {alias}.\"ID\", 'DateCreated', {created}, {rest})"
