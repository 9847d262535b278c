"""Where people of the portal have accounts by which they sign in to it, and who somebody is there (PORT-3)."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from entrepot.domain.identity.id_token import Identity

GITHUB_PLACE = "https://github.com"
GITHUB_API = "https://api.github.com"
GOOGLE_PLACE = "https://accounts.google.com"


class Elsewhere(enum.StrEnum):
    """By the wire's names of authorization methods."""

    GITHUB = "Github"
    GOOGLE = "Google"


@dataclass(frozen=True, slots=True)
class Application:
    """What this server is registered as elsewhere. place: the address of GitHub, or the issuer of Google's tokens."""

    client_id: str
    secret: str = field(repr=False)
    place: str


def github_api(place: str) -> str:
    """Where the API of a GitHub is; of one's own it is below the pages (GitHub Enterprise Server)."""
    return GITHUB_API if place == GITHUB_PLACE else f"{place}/api/v3"


def github_identity(place: str, user: Any, emails: Any) -> Identity | None:
    """Who has a token of GitHub, by its answers to GET /user and /user/emails; None where they are none. People there change their
    names, and others take the former ones: only the number stays. `email` is the primary one, if GitHub has verified it.
    """
    number = user.get("id") if isinstance(user, Mapping) else None
    if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
        return None
    rows = emails if isinstance(emails, Sequence) else ()
    return Identity(place, str(number), next(filter(None, map(_primary, rows)), None))


def _primary(row: Any) -> str | None:
    if not isinstance(row, Mapping) or row.get("primary") is not True or row.get("verified") is not True:
        return None
    email = row.get("email")
    return email if isinstance(email, str) and email else None
