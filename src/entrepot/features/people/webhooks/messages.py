"""What webhooks are sent of a call: bodies without secrets, of bounded size (WH-4, WH-6)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from msgspec import Raw

from entrepot.declare.wire import Wire
from entrepot.domain.webhooks import payload
from entrepot.engine.call import Call
from entrepot.engine.wire.json import load
from entrepot.engine.wire.masking import holds_secrets, masked
from entrepot.kernel.errors import InvalidBodyError

LONGEST_BODY = 2**20
"""Bytes of an answer that webhooks are told. In place of a longer one they get an empty object: they can ask for it. Requests are
bounded by their operations' limits."""


def before(call: Call) -> dict[str, Any]:
    """Of a call that is still to come; its body in full."""
    return _told(call, _request(call), None)


def after(call: Call, sent: bytes | None) -> dict[str, Any]:
    """Of a call that was done. sent: the JSON text of its answer."""
    return _told(call, _request(call), _response(call, sent))


def route(call: Call) -> str:
    """As webhooks name it: the operation's path with the contract's names of its parameters (WH-1)."""
    return f"v1{call.operation.path}"


def _told(call: Call, request: Any, response: Any) -> dict[str, Any]:
    return payload.told(
        route=route(call),
        params=call.path,
        query=_query(call),
        verb=call.operation.verb,
        now=call.clock(),
        log_id=call.request_id,
        request=request,
        response=response,
    )


def _request(call: Call) -> Any:
    """What the caller has sent. What is no JSON will be refused, or matters to nobody."""
    if not call.content.is_given:
        return None
    try:
        value = call.content.value
    except InvalidBodyError:
        return None
    declared = call.operation.body
    return value if declared is None else masked(declared.model, value)


def _response(call: Call, sent: bytes | None) -> Any:
    if sent is None or len(sent) > LONGEST_BODY:
        return None
    model: type[Wire] | None = None if call.operation.returns is None else call.operation.returns.model
    return Raw(sent) if model is None or not holds_secrets(model) else masked(model, load(sent))


def _query(call: Call) -> dict[str, str | None]:
    if not call.query:
        return {}
    secrets = {each.name.lower() for each in call.operation.query if each.confidential}
    pairs = parse_qsl(call.query, keep_blank_values=True)
    return {name: None if name.lower() in secrets else value for name, value in pairs}
