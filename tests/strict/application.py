"""An ASGI application whose answers are compared with the document before they leave it."""

from __future__ import annotations

from typing import Any

from tests.strict.answers import Answer, Answers

Event = dict[str, Any]


class Checked:
    """`application`, but for answers that the document does not know: they are errors of the application."""

    def __init__(self, application: Any, answers: Answers) -> None:
        self._application = application
        self._answers = answers

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        operation = self._answers.operation_at(scope) if scope["type"] == "http" else None
        if operation is None:
            await self._application(scope, receive, send)
            return
        if operation.streams and "state" in scope:
            # As a connection has it, over which whoever has come for no more hangs up.
            await self._application(scope, receive, send)
            return
        if operation.streams:
            scope["state"] = {}
        sent: list[Event] = []

        async def keep(event: Event) -> None:
            sent.append(event)
            if operation.streams and event.get("more_body"):
                scope["state"]["stream"].end(gone=True)

        await self._application(scope, receive, keep)
        self._answers.check(operation, _answer(sent))
        for event in sent:
            await send(event)


def _answer(sent: list[Event]) -> Answer:
    start, *rest = sent
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], headers, b"".join(event.get("body", b"") for event in rest))
