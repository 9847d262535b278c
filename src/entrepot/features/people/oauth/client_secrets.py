"""The legacy secret of an API client, sealed in its row because the API gives it back in clear (AUTH-42)."""

from __future__ import annotations

from entrepot.features.people.credentials.secrets import SecretBox


def seal(box: SecretBox, marketplace_id: int, client_id: str, secret: str) -> bytes:
    """The secret for the row of this client and no other."""
    return box.seal_text(secret, _place(marketplace_id, client_id))


def reveal(box: SecretBox, marketplace_id: int, client_id: str, sealed: bytes) -> str:
    """The reverse of `seal`. Raises SecretBoxError with another settings key."""
    return box.open_text(sealed, _place(marketplace_id, client_id))


def _place(marketplace_id: int, client_id: str) -> tuple[str, ...]:
    return ("api_clients", "client_secret_encrypted", str(marketplace_id), client_id.lower())
