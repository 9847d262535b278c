"""The log of what has happened in a marketplace, written in the unit that did it, where somebody listens (ADR 0044).

A row is one operation that came to stand: which, about what, by whom. What it is numbered by is the readers' business
(features/people/events): at the end of a unit nobody knows yet in which order units will stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from entrepot.declare.operation import SECRETS_FOLLOW, Operation, Reply
from entrepot.engine.call import Call
from entrepot.engine.notes import Note
from entrepot.engine.recording import Recording
from entrepot.engine.wire.json import dump

ORDER: Note[str] = Note("the order that an operation is about, where its path does not say so")
MOST_NAMED = 10
"""IDs of a body that one event names."""
COLUMNS = "marketplace_id, operation, item, named, user_id, username, client_id, request_id, told_at"
ADD = f"INSERT INTO told_events ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
LISTENED = "EXISTS (SELECT 1 FROM event_logs l WHERE l.marketplace_id = $1 AND l.listened_at IS NOT NULL)"
"""Whether what happens in a marketplace is to be written down: true while somebody listens, and for a day after."""

ADD_WORK = f"""
INSERT INTO told_events (marketplace_id, operation, item, named, request_id, told_at)
SELECT $1, $2, $3, $4, $5, $6 WHERE {LISTENED}
"""

_NOTHING = Reply()


async def log_event(call: Call, reply: Reply = _NOTHING, *, through: Any = None) -> None:
    """Write down that the operation of a call was done, in the unit that did it; with nobody to listen nothing. One statement, where
    statements are gathered one for all of them.

    reply: what it answers, which names what is new. through: the connection, where it is not the call's.
    """
    caller = call.caller
    if caller is None or not caller.has_listeners:
        return
    item, named = _subject(call, reply)
    database = call.db if through is None else through
    event = (
        caller.marketplace_id,
        call.operation.id,
        item or None,
        dump(named),
        caller.user_id or None,
        caller.username or None,
        caller.client_id or None,
        call.request_id,
        call.server_clock(),
    )
    if not isinstance(database, Recording):
        await database.execute(ADD, *event)
        return
    if database.gathered is None:
        await database.enqueue(ADD, *event)
    else:
        database.gathered.at_end(ADD, event)
    database.followed.append(partial(call.services.told, caller.marketplace_id))


async def log_work(call: Call, item: str, **named: str) -> None:
    """The same of work of the server's own, which knows itself what it was about. One statement."""
    arguments = (call.operation.id, item, dump(named), call.request_id, call.server_clock())
    await call.db.execute(ADD_WORK, call.marketplace_id, *arguments)
    if isinstance(call.connection, Recording):
        call.connection.followed.append(partial(call.services.told, call.marketplace_id))


def logged(work: str, gone: str) -> str:
    """An arm of a statement that writes down of rows with an "ID" what a chore has done to them. $1 is the marketplace."""
    return f"""INSERT INTO told_events (marketplace_id, operation, item, named, request_id, told_at)
    SELECT $1, '{work}', "ID", '{{}}', '', now() FROM {gone} WHERE {LISTENED}"""


def _subject(call: Call, reply: Reply) -> tuple[str, dict[str, str]]:
    """The ID of what a call was about, and all IDs that lead to it, by name."""
    order = call.notes.get(ORDER)
    named = {} if order is None else {"OrderID": order}
    if _is_secret(call.operation):
        return "", named
    item = ""
    for parameter, name in _names(call.operation):
        named[name] = call.path[parameter]
        # Where something moves to is not what moves.
        item = item if name.startswith("New") else named[name]
    answered = reply.body.get("ID") if isinstance(reply.body, Mapping) else None
    if reply.created is not None:
        item = reply.created.id
    elif not item and isinstance(answered, str):
        item = answered
    elif not item:
        named |= _ids(call)
        item = next(iter(named.values()), "")
    elif isinstance(answered, str) and answered.lower() != item.lower() == _asked(call, answered):
        named["NewID"] = answered
    return item, named


def _asked(call: Call, answered: str) -> str | None:
    """The item's ID, in lower case, where the body asked for the answered one in its place."""
    names, wanted = _names(call.operation), _ids(call).get("ID", "")
    return call.path[names[-1][0]].lower() if names and wanted.lower() == answered.lower() else None


def _ids(call: Call) -> dict[str, str]:
    """Those that a body names, as an assignment's does."""
    body = call.body if call.operation.body is not None and call.content.is_given else None
    if not isinstance(body, Mapping):
        return {}
    found = [(name, value) for name, value in body.items() if name.endswith("ID") and isinstance(value, str)]
    return dict(found[:MOST_NAMED])


@cache
def _names(operation: Operation) -> tuple[tuple[str, str], ...]:
    """The IDs of an operation's path, in its order, each with the name that a property has."""
    parts = (part[1:-1] for part in operation.path.split("/") if part.startswith("{"))
    return tuple((part, part[0].upper() + part[1:]) for part in parts if part.endswith("ID"))


@cache
def _is_secret(operation: Operation) -> bool:
    """Whether what names a thing of the operation opens it, too."""
    return not SECRETS_FOLLOW.isdisjoint(operation.path.lower().split("/"))
