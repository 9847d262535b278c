"""Settings: flags before variables before defaults; errors that name the setting; the key that is kept."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from entrepot.app.secret_key import with_kept_key
from entrepot.app.settings import Settings, SettingsError, read_settings

KEY = "k" * 32
EXTERNAL = {"ENTREPOT_DATABASE_URL": "postgresql://db/shop", "ENTREPOT_SECRET_KEY": KEY}
ALONE = {"private_targets": True, "sign_up": "open", "catchers": True, "mcp": True}
NOT_ALONE = {"private_targets": False, "sign_up": "closed", "catchers": False, "mcp": False}
"""What may be done only where nobody but this machine reaches the server: a proxy before it brings everybody."""


@pytest.mark.parametrize(
    ("environment", "flags", "expected"),
    [
        ({}, {}, {"port": 8080, "base_url": "http://localhost:8080", "host": "127.0.0.1", "demo": True}),
        ({"ENTREPOT_PORT": "9001"}, {}, {"port": 9001, "base_url": "http://localhost:9001"}),
        ({"ENTREPOT_PORT": "9001"}, {"port": 9002}, {"port": 9002}),
        ({"ENTREPOT_PORT": "9001"}, {"port": None}, {"port": 9001}),
        ({"ENTREPOT_PORT": ""}, {}, {"port": 8080}),
        ({"ENTREPOT_BASE_URL": "https://shop.example/"}, {"port": 1}, {"base_url": "https://shop.example"}),
        ({"ENTREPOT_DATA_DIR": "/data"}, {}, {"data_dir": Path("/data")}),
        ({"ENTREPOT_DEMO": "no"}, {}, {"demo": False}),
        ({"ENTREPOT_DEMO": "True"}, {"demo": False}, {"demo": False}),
        (EXTERNAL, {}, {"demo": False, "embedded": False, "secret_key": KEY}),
        (EXTERNAL, {"demo": True}, {"demo": True}),
        ({}, {}, ALONE),
        ({}, {"host": "localhost"}, ALONE),
        ({}, {"host": "::1"}, ALONE),
        ({}, {"host": "127.0.0.9"}, ALONE),
        ({}, {"host": "0.0.0.0"}, NOT_ALONE),
        ({}, {"host": "::"}, NOT_ALONE),
        ({}, {"host": "localhost.example"}, NOT_ALONE),
        ({}, {"host": "192.168.1.2"}, NOT_ALONE),
        (EXTERNAL, {}, NOT_ALONE),
        ({"ENTREPOT_TRUSTED_PROXIES": "127.0.0.1"}, {}, NOT_ALONE),
        ({"ENTREPOT_BASE_URL": "https://shop.example"}, {}, NOT_ALONE),
        ({"ENTREPOT_BASE_URL": "http://127.0.0.1:9000/"}, {}, ALONE),
        ({"ENTREPOT_TRUSTED_PROXIES": "127.0.0.1"}, {"sign_up": "open"}, {"sign_up": "open"}),
        ({**EXTERNAL, "ENTREPOT_PRIVATE_TARGETS": "yes"}, {}, {"private_targets": True}),
        ({"ENTREPOT_PRIVATE_TARGETS": "no"}, {}, {"private_targets": False}),
        (
            {"ENTREPOT_PREVIOUS_SECRET_KEYS": f"{KEY}  {KEY[::-1]}"},
            {},
            {"previous_secret_keys": (KEY, KEY[::-1])},
        ),
        ({"ENTREPOT_PORTAL_GITHUB": "id  secret"}, {}, {"portal_github": ("id", "secret")}),
    ],
)
def test_sources(environment: dict[str, str], flags: dict[str, Any], expected: dict[str, Any]) -> None:
    settings = read_settings(environment, **flags)
    assert {name: getattr(settings, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"ENTREPOT_PORT": "http"}, "ENTREPOT_PORT"),
        ({"ENTREPOT_PORT": "65536"}, "65536"),
        ({"ENTREPOT_WORKERS": "0"}, "worker"),
        ({"ENTREPOT_DEMO": "maybe"}, "ENTREPOT_DEMO"),
        ({"ENTREPOT_LOG_FORMAT": "xml"}, "ENTREPOT_LOG_FORMAT"),
        ({"ENTREPOT_BASE_URL": "shop.example"}, "base URL"),
        ({"ENTREPOT_POOL_MIN_SIZE": "21"}, "POOL_MIN_SIZE"),
        ({"ENTREPOT_ARGON2_PASSES": "0"}, "ENTREPOT_ARGON2_PASSES"),
        ({"ENTREPOT_ARGON2_MEMORY_KIB": "7"}, "ENTREPOT_ARGON2_MEMORY_KIB"),
        ({"ENTREPOT_ARGON2_LANES": "0"}, "ENTREPOT_ARGON2_LANES"),
        ({"ENTREPOT_ARGON2_MEMORY_KIB": "31", "ENTREPOT_ARGON2_LANES": "4"}, "ENTREPOT_ARGON2_MEMORY_KIB"),
        ({"ENTREPOT_SECRET_KEY": "short"}, "ENTREPOT_SECRET_KEY"),
        ({"ENTREPOT_PREVIOUS_SECRET_KEYS": f"{KEY} short"}, "ENTREPOT_PREVIOUS_SECRET_KEYS"),
        ({"ENTREPOT_DATABASE_URL": "postgresql://db/shop"}, "ENTREPOT_SECRET_KEY"),
        ({"ENTREPOT_PORTAL_GITHUB": "id"}, "ENTREPOT_PORTAL_GITHUB"),
        ({"ENTREPOT_PORTAL_GOOGLE": "id secret more"}, "ENTREPOT_PORTAL_GOOGLE"),
        ({"ENTREPOT_PORTAL_GOOGLE_ISSUER": "accounts.google.com"}, "ENTREPOT_PORTAL_GOOGLE_ISSUER"),
    ],
)
def test_refusals_name_the_setting(environment: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        read_settings(environment)


def test_secrets_of_the_portal_are_not_shown() -> None:
    settings = read_settings(
        {"ENTREPOT_PORTAL_GITHUB": "id hidden-1", "ENTREPOT_PORTAL_GOOGLE": "id hidden-2"}
    )
    assert "hidden" not in repr(settings)


def test_another_process_reads_the_same_settings() -> None:
    settings = read_settings(
        EXTERNAL | {"ENTREPOT_PREVIOUS_SECRET_KEYS": f"{KEY} {KEY}"},
        port=9001,
        demo=True,
        argon2_passes=1,
        data_dir=Path("/data"),
    )
    assert read_settings(settings.variables()) == settings


def test_chosen_port_shows_in_the_local_base_url_only() -> None:
    assert read_settings({}, port=0).listening_on(4711).base_url == "http://localhost:4711"
    named = read_settings({}, port=0, base_url="https://shop.example")
    assert named.listening_on(4711).base_url == "https://shop.example"


def test_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = with_kept_key(Settings(data_dir=tmp_path / "data"), make=True)
    assert len(settings.secret_key) >= 32
    assert with_kept_key(Settings(data_dir=tmp_path / "data"), make=False) == settings
    kept = list((tmp_path / "data").iterdir())
    assert [(each.name, each.stat().st_mode & 0o777) for each in kept] == [("secret.key", 0o600)]


@pytest.mark.parametrize("damage", [b"", b"short", b"\xff\xfe\x00" * 20, None], ids=repr)
def test_reliability_f18_a_damaged_key_is_told_and_not_replaced(tmp_path: Path, damage: bytes | None) -> None:
    place = tmp_path / "secret.key"
    place.mkdir() if damage is None else place.write_bytes(damage)
    with pytest.raises(SettingsError, match=r"secret\.key .*; restore"):
        with_kept_key(Settings(data_dir=tmp_path), make=True)
    assert place.is_dir() or place.read_bytes() == damage


def test_reliability_f6_a_missing_key_is_made_only_where_that_is_allowed(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"secret\.key is missing; restore it"):
        with_kept_key(Settings(data_dir=tmp_path), make=False)
    assert [*tmp_path.iterdir()] == []


def test_reliability_f18_nothing_is_left_of_a_key_that_could_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the disk is full: what the system says comes last."""

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError, match=r"secret\.key cannot be used: No space left"):
        with_kept_key(Settings(data_dir=tmp_path), make=True)
    assert [*tmp_path.iterdir()] == []


def test_security_13_a_key_that_takes_anothers_place_stands_before_it(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text(f"{'n' * 32}\n{'o' * 32}\n")
    settings = with_kept_key(Settings(data_dir=tmp_path), make=False)
    assert (settings.secret_key, settings.previous_secret_keys) == ("n" * 32, ("o" * 32,))


def test_secrets_stay_out_of_logs() -> None:
    assert KEY not in repr(
        read_settings(EXTERNAL | {"ENTREPOT_DATABASE_URL": f"postgresql://u:{KEY}@db/shop"})
    )
