"""`entrepot keys reseal`: another secret key takes the place of the previous one."""

from __future__ import annotations

import secrets

import asyncpg

from entrepot.app import files
from entrepot.app.database import run_on_database
from entrepot.app.secret_key import key_file, secret_box, with_kept_key
from entrepot.app.settings import PREFIX, Settings, SettingsError
from entrepot.features.people.credentials.secrets import SecretBoxError
from entrepot.storage.embedded import running_url


def reseal_all(settings: Settings, *, new_secret: bool) -> int:
    """The number of secrets that were sealed anew. Raises SettingsError and what `prepare` raises."""
    place = key_file(settings.data_dir)
    if new_secret:
        if settings.secret_key or not settings.embedded:
            raise SettingsError(
                f"{PREFIX}SECRET_KEY is set: set another one, and this one as {PREFIX}PREVIOUS_SECRET_KEYS."
            )
        if running_url(settings.data_dir) is not None:
            raise SettingsError(f"A server runs on {settings.data_dir}: stop it first.")
        known = with_kept_key(settings, make=False)
        files.replace(
            place, "\n".join((secrets.token_urlsafe(48), known.secret_key, *known.previous_secret_keys))
        )
    kept = not settings.secret_key
    try:
        key, count = run_on_database(settings, _reseal)
    except SecretBoxError:
        raise SettingsError(
            f"Something in the database was sealed with a key that is not known: set it as {PREFIX}PREVIOUS_SECRET_KEYS."
        ) from None
    if kept:
        # All of it is in the database by now: only the first line opens anything.
        files.replace(place, key)
    return count


async def _reseal(settings: Settings, pool: asyncpg.Pool) -> tuple[str, int]:
    from entrepot.app.registry import registry
    from entrepot.features.people.resealing import reseal

    async with pool.acquire() as connection:
        return settings.secret_key, await reseal(connection, registry(), secret_box(settings))
