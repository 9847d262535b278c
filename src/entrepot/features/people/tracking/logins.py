"""UserLoggedIn: somebody has logged in, or a guest has become somebody (TRK-2, TRK-3, AUTH-13)."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.engine.call import Call
from entrepot.features.people.deliveries.events import Event, EventKind, Outbound
from entrepot.features.people.deliveries.telling import tell
from entrepot.features.people.identity.shown import shown_user
from entrepot.features.people.integrations.enums import TrackingEventType
from entrepot.features.people.tracking.messages import tracked, tracking_of

KIND = TrackingEventType.USER_LOGGED_IN


async def tell_login(
    call: Call, client_id: str, user_key: int, user_id: str, anonymous_user_id: str | None = None
) -> None:
    """Within the unit that lets the user in. anonymous_user_id: what the shopper was called before. One statement; none where
    nobody tracks it.
    """
    if await tracking_of(call, client_id, KIND) is None:
        return
    facts = {"client": client_id, "user": user_id, "anonymous": anonymous_user_id, "key": user_key}
    await tell(call, call.marketplace_id, KIND.value, f"user/{user_key}", facts)


async def _expand(call: Call, event: Event) -> Sequence[Outbound]:
    return await tracked(call, event, KIND, {"User": await shown_user(call, event.facts["key"])})


LOGGED_IN = EventKind(name=KIND.value, expand=_expand)
