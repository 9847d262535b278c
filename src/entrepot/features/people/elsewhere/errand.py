"""What somebody has left for elsewhere to do, and what the answer has to fit: sealed, and good for one return (ADR 0026)."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.domain.portal.elsewhere import Elsewhere
from entrepot.engine.call import Call
from entrepot.features.people.openid import state as states
from entrepot.kernel.errors import LoginStateError

PLACE = ("portal", "errand")
USE = """
INSERT INTO portal_used_states (state_digest, expires_at) VALUES ($1, $2)
ON CONFLICT (state_digest) DO NOTHING RETURNING state_digest
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A visit elsewhere. account, session: whose it is that is to be linked, both 0 where somebody wants to sign in. browser: the
    digest of the cookie's value. verifier: PKCE's. expires_at: Unix seconds.
    """

    method: str
    account: int
    session: int
    nonce: str
    verifier: str
    browser: str
    expires_at: int


def begun(call: Call, method: Elsewhere, browser: str, *, account: int = 0, session: int = 0) -> Errand:
    """An errand that begins now, in the browser with this cookie."""
    return Errand(
        method=method.value,
        account=account,
        session=session,
        nonce=states.random_text(),
        verifier=states.random_text(),
        browser=states.digest(browser),
        expires_at=states.ends(call.server_clock()),
    )


def sealed(call: Call, errand: Errand) -> str:
    """The state that goes along."""
    return states.sealed(call, errand, PLACE)


async def take(call: Call, method: Elsewhere, text: str) -> Errand:
    """The errand of a state that has come back, for the first time, in time, to the browser and by the way that it left by. One
    statement. Raises LoginStateError.
    """
    errand = states.opened(call, text, Errand, PLACE)
    states.require_current(call, errand, states.browser_of(call))
    # Each has a way back of its own: what one says is not taken for another's answer.
    if errand.method != method:
        raise LoginStateError
    if await call.pool.fetchval(USE, *states.used(call, errand.nonce, errand.expires_at)) is None:
        raise LoginStateError
    return errand


def redirect_uri(call: Call, method: Elsewhere) -> str:
    """Where it comes back, as it is registered elsewhere."""
    return f"{call.base_url}/api/v1/authorizationmethods/{method.value.lower()}/return"
