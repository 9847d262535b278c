"""Marketplaces that are given away: offered by their owner with a mailed code, and taken by who is to own them (PORT-10)."""

from __future__ import annotations

from entrepot.engine.call import Call
from entrepot.features.people.portal import accounts
from entrepot.features.people.portal.access import end_tokens, unit_of_server
from entrepot.features.people.portal.invitations import tell_invited
from entrepot.features.people.portal.marketplaces import MOST, OWNED
from entrepot.features.people.portal.me import own_account
from entrepot.kernel.errors import TooManyMarketplacesError

# One of a marketplace: whom it is offered to later, has it instead.
OFFER = """
INSERT INTO portal_offers (marketplace_id, account_key, offered_by, offered_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (marketplace_id) DO UPDATE
SET account_key = excluded.account_key, offered_by = excluded.offered_by, offered_at = excluded.offered_at
"""
WITHDRAW = "DELETE FROM portal_offers WHERE marketplace_id = $1"
NAME = 'SELECT "Name" FROM portal_organizations WHERE marketplace_id = $1'
# What another owner has offered by now is none of his.
OFFERED = """
SELECT o.marketplace_id, o.owner_key FROM portal_organizations o JOIN portal_offers f ON f.marketplace_id = o.marketplace_id
WHERE o."Id" = $1 AND f.account_key = $2 AND f.offered_by = o.owner_key FOR UPDATE OF o, f
"""
GIVE = "UPDATE portal_organizations SET owner_key = $2 WHERE marketplace_id = $1"
KEEP_FORMER = """
INSERT INTO portal_access (marketplace_id, account_key, "IsAdmin", accepted, invited_at) VALUES ($1, $2, true, true, $3)
ON CONFLICT (marketplace_id, account_key, team_key) DO UPDATE SET "IsAdmin" = true, accepted = true
"""
DROP_NEW = "DELETE FROM portal_access WHERE marketplace_id = $1 AND account_key = $2"


async def offer(call: Call, marketplace_id: int, to: int) -> None:
    """Within a unit that holds the marketplace, by its owner. To himself: nobody has an offer of it any more."""
    if to == call.account.key:
        await call.db.execute(WITHDRAW, marketplace_id)
        return
    await call.db.execute(OFFER, marketplace_id, to, call.account.key, call.clock())
    receiver = await accounts.by_key(call.db, to)
    if receiver is not None:
        name = await call.db.fetchval(NAME, marketplace_id)
        await tell_invited(call, receiver, f"own the marketplace {name}")


async def take(call: Call) -> bool:
    """The caller owns the marketplace of the request from now on; False where it is not offered to him. Who had it goes on
    administering it, with new tokens. Raises TooManyMarketplacesError.
    """
    row = await call.db.fetchrow(OFFERED, call.path["invitedID"], call.account.key)
    if row is None:
        return False
    new, former = await own_account(call, call.db), row["owner_key"]
    if not new.operates and await call.db.fetchval(OWNED, new.key) >= MOST:
        raise TooManyMarketplacesError({"Most": MOST})
    unit, marketplace_id = unit_of_server(call), row["marketplace_id"]
    await unit.execute(WITHDRAW, marketplace_id)
    await unit.execute(GIVE, marketplace_id, new.key)
    await unit.execute(DROP_NEW, marketplace_id, new.key)
    await unit.execute(KEEP_FORMER, marketplace_id, former, call.clock())
    await end_tokens(unit, marketplace_id, [former])
    return True


async def refuse(call: Call) -> bool:
    """The caller does not want it; False where it is not offered to him."""
    row = await call.db.fetchrow(OFFERED, call.path["invitedID"], call.account.key)
    if row is not None:
        await call.db.execute(WITHDRAW, row["marketplace_id"])
    return row is not None
