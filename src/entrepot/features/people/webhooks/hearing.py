"""Which webhooks hear of a call, before it and after it (WH-2, WH-3)."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.declare.operation import Reply
from entrepot.engine.call import Call
from entrepot.engine.standing import confirm_standing
from entrepot.features.people.deliveries.listeners import Hook
from entrepot.features.people.deliveries.listening import listeners
from entrepot.features.people.webhooks.asking import ask_all
from entrepot.features.people.webhooks.telling import tell_later


class WebhookHearing:
    """The webhooks of one call; implements http.hearing.Hearing."""

    __slots__ = ("_after", "_before")

    def __init__(self, hooks: Sequence[Hook]) -> None:
        self._before = [hook for hook in hooks if hook.before]
        self._after = len(self._before) < len(hooks)

    def asks(self, asked: set[str]) -> bool:
        return any(hook.id not in asked for hook in self._before)

    async def ask(self, call: Call, asked: set[str]) -> None:
        """Before the unit. Nobody whose token has ended has this process call abroad, and no webhook is asked that is none
        any more. Raises StaleStandingError, WebhookBlockedError.
        """
        due = [hook for hook in self._before if hook.id not in asked]
        if due:
            await confirm_standing(call)
            await ask_all(call, due, asked)
            # It took long: the unit confirms anew.
            call.confirmed = False

    async def tell(self, call: Call, reply: Reply) -> Reply:
        """Within the unit that has done it, or right after what had units of its own."""
        return await tell_later(call, reply) if self._after else reply


async def hearing(call: Call) -> WebhookHearing | None:
    """The webhooks of a call; None for none, without a statement once it is known what listens in its marketplace."""
    hooks = (await listeners(call)).hooks(call.principal.client_id, call.operation)
    return WebhookHearing(hooks) if hooks else None
