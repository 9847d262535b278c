"""Letting a call of the server's own fail as the rules of its marketplace want it: a delivery, a question to an integration.

before   nobody is called: the status that the rule names has come, or, cut, no answer in time
after    the call is made, and the same takes the place of its answer; but a delivery that is cut counts as delivered, and is not made
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast
from urllib.parse import urlsplit

from entrepot.domain.faults.abroad import PREFIX
from entrepot.domain.faults.meeting import Asked
from entrepot.engine.call import Call, Database
from entrepot.engine.content import Content
from entrepot.engine.wire.json import encode
from entrepot.features.people.faults.resources import FaultMoment
from entrepot.features.people.faults.striking import Struck, strike_abroad
from entrepot.features.people.outgoing.answers import Answer
from entrepot.features.people.services import services

Send = Callable[[], Awaitable[Answer]]
DELIVERED = 200


async def asked(call: Call, name: str, url: str, send: Send) -> Answer:
    """What comes of a question, as of domain/faults/abroad.py, to a URL. No statement where the marketplace has no rules."""
    return await _sent(await _struck(call, name, url), send)


async def delivered(call: Call, name: str, url: str, send: Send) -> Answer:
    """The same of a delivery."""
    struck = await _struck(call, name, url)
    if struck is not None and struck.cut and struck.moment is FaultMoment.AFTER:
        await asyncio.sleep(struck.delay / 1000)
        return Answer(DELIVERED, Content(f"Lost by the fault {struck.rule}.".encode()))
    return await _sent(struck, send)


async def _sent(struck: Struck | None, send: Send) -> Answer:
    if struck is None:
        return await send()
    await asyncio.sleep(struck.delay / 1000)
    if not struck.fails:
        return await send()
    if struck.moment is FaultMoment.AFTER:
        await send()
    return _failed(struck)


async def _struck(call: Call, name: str, url: str) -> Struck | None:
    if (call.caller is not None and not call.caller.has_faults) or not services(call).test_bench:
        return None
    where = Asked(f"{PREFIX}{name}", urlsplit(url).path, "" if call.caller is None else call.caller.client_id)
    return await strike_abroad(cast(Database, call.pool), call.marketplace_id, where, call.clock())


def _failed(struck: Struck) -> Answer:
    if struck.cut or struck.status is None:
        return Answer(None, failure=f"No complete answer in time, as the fault {struck.rule} asks for it.")
    error = {"ErrorCode": struck.code or "Fault.Injected", "Message": struck.message, "FaultID": struck.rule}
    headers = {} if struck.retry_after is None else {"retry-after": str(struck.retry_after)}
    return Answer(struck.status, Content(encode(error)), headers=headers)
