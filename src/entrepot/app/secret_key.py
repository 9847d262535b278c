"""The secret key: from the settings, or kept beside the embedded database."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path

from entrepot.app import files
from entrepot.app.settings import SHORTEST_SECRET, Settings, SettingsError
from entrepot.features.people.credentials.secrets import SecretBox


def secret_box(settings: Settings) -> SecretBox:
    """What seals with the settings' key, and opens what the previous ones sealed too."""
    return SecretBox(settings.secret_key.encode(), *(key.encode() for key in settings.previous_secret_keys))


def key_file(data_dir: Path) -> Path:
    """Where the embedded database's key is kept: a line, and a second one while another key takes its place."""
    return data_dir / "secret.key"


def with_kept_key(settings: Settings, *, make: bool) -> Settings:
    """The settings with the key of data_dir/secret.key, where they name none. `make` allows to make one.

    Raises SettingsError.
    """
    if settings.secret_key:
        return settings
    place = key_file(settings.data_dir)
    try:
        text = _read(place)
        if text is None and make:
            files.create(place, secrets.token_urlsafe(48))
            text = _read(place)
    except IsADirectoryError:
        raise SettingsError(f"{place} is a directory; restore the file, {_ONLY_KEY}.") from None
    except OSError as error:
        raise SettingsError(f"{place} cannot be used: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{place} is damaged; restore it, {_ONLY_KEY}.") from None
    if text is None:
        raise SettingsError(f"{place} is missing; restore it, {_ONLY_KEY}.")
    key, *previous = text.split() or [""]
    if any(len(each) < SHORTEST_SECRET for each in (key, *previous)):
        raise SettingsError(f"{place} is damaged; restore it, {_ONLY_KEY}.")
    return replace(settings, secret_key=key, previous_secret_keys=(*previous, *settings.previous_secret_keys))


_ONLY_KEY = "since the database's secrets open with its key alone"


def _read(place: Path) -> str | None:
    try:
        return place.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
