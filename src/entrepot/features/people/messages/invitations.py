"""Inviting the new users of buyers (MS-3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrepot.domain.messages.declared import Subject
from entrepot.engine.call import Call
from entrepot.features.people.messages.telling import tell_messages


async def invite(call: Call, user: Mapping[str, Any], client_id: str | None = None) -> None:
    """Tell of a user that was created, who has BuyerID and ID by now. One statement; none for users of others, nor where a
    seed creates them: who fills a shop does not write to all who are in it.
    """
    if not user.get("BuyerID") or not call.authorization:
        return
    named = {name: user[name] for name in ("BuyerID", "ID")}
    client = call.principal.client_id if client_id is None else client_id
    aggregate = f"new user/{named['BuyerID']}/{named['ID']}"
    await tell_messages(
        call, call.marketplace_id, Subject.ACCOUNT, aggregate, {"invited": named}, client_id=client
    )
