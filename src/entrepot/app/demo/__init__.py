"""The demo marketplace: made on the first start, told in DATA_DIR/demo.json."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg

from entrepot.app import files
from entrepot.app.demo.pictures import ROOT
from entrepot.app.settings import Settings

EXISTS = "SELECT EXISTS (SELECT 1 FROM marketplace_directory WHERE kind = 'marketplace' AND name = $1)"

MOVE_PICTURES = """
WITH moved AS (
    UPDATE products p SET xp = replace(p.xp::text, $2, $3)::json FROM marketplace_directory d
    WHERE d.kind = 'marketplace' AND d.name = $1 AND p.marketplace_id = d.marketplace_id
      AND position($2 IN p.xp::text) > 0
    RETURNING p.marketplace_id)
UPDATE catalog_epochs e SET epoch = e.epoch + 1 WHERE e.marketplace_id IN (SELECT marketplace_id FROM moved)
"""
"""The demo's pictures stand where this server is reached, which another port changes."""


async def ensure_demo(pool: asyncpg.Pool, settings: Settings) -> bool:
    """The marketplace that DATA_DIR/demo.json tells of exists, and the file names the present base URL.

    The file is what ties a data directory to its marketplace: passwords stand nowhere else. Where it is missing, or
    tells of another database, a new marketplace is made; whether it was.
    """
    place = settings.data_dir / "demo.json"
    known = _read(place)
    if known is None or not await pool.fetchval(EXISTS, known["marketplaceID"]):
        # Only now: it takes the whole server along.
        from entrepot.app.demo.making import make_demo

        await make_demo(pool, settings, partial(_write, place))
        return True
    if "portal" not in known:
        # Of a version that had no portal.
        from entrepot.app.demo.making import own_account

        async with pool.acquire() as connection, connection.transaction():
            known |= await own_account(connection, settings, known["marketplaceID"])
            _write(place, known)
    if known["baseUrl"] != settings.base_url:
        await pool.execute(
            MOVE_PICTURES, known["marketplaceID"], known["baseUrl"] + ROOT, settings.base_url + ROOT
        )
        _write(place, {**known, "baseUrl": settings.base_url})
    return False


def _read(place: Path) -> dict[str, Any] | None:
    try:
        known = json.loads(place.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return known if isinstance(known, dict) and {"marketplaceID", "baseUrl"} <= known.keys() else None


def _write(place: Path, facts: dict[str, Any]) -> None:
    files.replace(place, json.dumps(facts, indent=2) + "\n")
