"""Settings: flags before variables before defaults; errors that name the setting; the key that is kept."""

from pathlib import Path
from typing import Any

import pytest

from entrepot.app.settings import Settings, SettingsError, read_settings

KEY = "k" * 32
EXTERNAL = {"ENTREPOT_DATABASE_URL": "postgresql://db/shop", "ENTREPOT_SECRET_KEY": KEY}


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
        ({"ENTREPOT_POOL_MIN_SIZE": "17"}, "POOL_MIN_SIZE"),
        ({"ENTREPOT_SECRET_KEY": "short"}, "ENTREPOT_SECRET_KEY"),
        ({"ENTREPOT_DATABASE_URL": "postgresql://db/shop"}, "ENTREPOT_SECRET_KEY"),
    ],
)
def test_refusals_name_the_setting(environment: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        read_settings(environment)


def test_another_process_reads_the_same_settings() -> None:
    settings = read_settings(EXTERNAL, port=9001, demo=True, argon2_passes=1, data_dir=Path("/data"))
    assert read_settings(settings.variables()) == settings


def test_chosen_port_shows_in_the_local_base_url_only() -> None:
    assert read_settings({}, port=0).listening_on(4711).base_url == "http://localhost:4711"
    named = read_settings({}, port=0, base_url="https://shop.example")
    assert named.listening_on(4711).base_url == "https://shop.example"


def test_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data").with_secret_key()
    assert len(settings.secret_key) >= 32
    assert Settings(data_dir=tmp_path / "data").with_secret_key() == settings
    kept = list((tmp_path / "data").iterdir())
    assert [(each.name, each.stat().st_mode & 0o777) for each in kept] == [("secret.key", 0o600)]


def test_damaged_key_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("")
    with pytest.raises(SettingsError, match=r"secret\.key"):
        Settings(data_dir=tmp_path).with_secret_key()


def test_secrets_stay_out_of_logs() -> None:
    assert KEY not in repr(
        read_settings(EXTERNAL | {"ENTREPOT_DATABASE_URL": f"postgresql://u:{KEY}@db/shop"})
    )
