"""One-time passwords at rest (AUTH-68)."""

from __future__ import annotations

from entrepot.features.people.credentials.secrets import SecretBox


def one_time_password_digest(
    box: SecretBox, marketplace_id: int, user_key: int, client_id: str, password: str
) -> bytes:
    """What user_codes holds of a one-time password of this user on this client: keyed, since 50 bits are few."""
    return box.digest(
        password, ("user_codes", "one_time_password", f"{marketplace_id}/{user_key}/{client_id.lower()}")
    )
