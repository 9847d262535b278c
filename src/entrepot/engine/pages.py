"""Pages of lists, fetched by a statement that also confirms the caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import asyncpg

from entrepot.domain.listing.request import ListRequest, list_meta
from entrepot.engine.call import Call
from entrepot.engine.standing import confirm_standing
from entrepot.storage.listing.compile import CompiledList, compile_list
from entrepot.storage.listing.fetch import fetch_page
from entrepot.storage.listing.source import Source


async def fetch_confirmed(call: Call, compiled: CompiledList) -> tuple[list[asyncpg.Record], int]:
    """The rows of a page, each with the security epoch as `_epoch`, and the total of all matches.

    One statement; one more for an empty page, which brings no epoch along, and one more for its total.
    """
    rows, total = await fetch_page(call.db, compiled)
    if rows:
        call.confirm(rows[0]["_epoch"])
    else:
        await confirm_standing(call)
    return rows, total


async def read_page(
    call: Call, source: Source, request: ListRequest, scope: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """The confirmed rows of a request's page on a source, and its Meta.

    scope: the source's parameters, `marketplace_id` among them.
    """
    rows, total = await fetch_confirmed(call, compile_list(source, request, scope))
    return rows, list_meta(request, total, len(rows), next_page_key=request.next_page_key(total))
