"""Who accounts are elsewhere, as it is stored: each identity is one account's, each account has one of a method (PORT-3)."""

from __future__ import annotations

from datetime import datetime

from entrepot.domain.identity.id_token import Identity
from entrepot.domain.portal.elsewhere import Elsewhere
from entrepot.engine.call import Call, Database
from entrepot.features.people.openid.resources import key_of
from entrepot.features.people.portal import accounts
from entrepot.features.people.portal.accounts import Person
from entrepot.features.people.portal.messages import PortalMessage, tell
from entrepot.kernel.errors import AuthorizationMethodLinkedError, IdentityTakenError

PASSWORD = "Password"  # noqa: S105 (the wire's name of that method)
OWNER = """
SELECT i.account_key, a."Username" FROM portal_identities i JOIN portal_accounts a ON a.key = i.account_key
WHERE i.method = $1 AND i.identity = $2 FOR SHARE OF i
"""
LINK = """
INSERT INTO portal_identities (method, identity, account_key, linked_at) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING RETURNING account_key
"""
REMOVE = """
WITH removed AS (DELETE FROM portal_identities WHERE account_key = $1 AND method = $2 RETURNING account_key, method)
INSERT INTO portal_removed_methods (account_key, method) SELECT account_key, method FROM removed ON CONFLICT DO NOTHING
"""
REMOVED = "SELECT EXISTS (SELECT 1 FROM portal_removed_methods WHERE account_key = $1 AND method = $2)"
WANTED_AGAIN = "DELETE FROM portal_removed_methods WHERE account_key = $1 AND method = $2"
REMOVE_ALL = "DELETE FROM portal_identities WHERE account_key = $1"
METHODS = """
SELECT a.password_hash IS NOT NULL AS password,
       ARRAY(SELECT method FROM portal_identities i WHERE i.account_key = a.key ORDER BY method) AS methods
FROM portal_accounts a WHERE a.key = $1
"""
HOLD = "SELECT 1 FROM portal_accounts WHERE key = $1 FOR UPDATE"


def stands_for(method: Elsewhere, identity: Identity) -> str:
    """`Google 5d41...`: an identity as a text."""
    return f"{method.value} {key_of(identity)}"


async def owner(db: Database, proven: str) -> tuple[int, str] | None:
    """Key and username of the account of an identity, which keeps it until the unit ends; None where it is nobody's. One statement."""
    row = await db.fetchrow(OWNER, *proven.split(" ", 1))
    return None if row is None else (row["account_key"], row["Username"])


async def link(db: Database, proven: str, account_key: int, now: datetime) -> bool:
    """Whether it is new. Two statements at most. Raises IdentityTakenError, AuthorizationMethodLinkedError."""
    method, identity = proven.split(" ", 1)
    if await db.fetchval(LINK, method, identity, account_key, now) is not None:
        return True
    found = await owner(db, proven)
    if found is None:
        raise AuthorizationMethodLinkedError
    if found[0] != account_key:
        raise IdentityTakenError
    return False


async def link_and_tell(call: Call, db: Database, proven: str, person: Person) -> None:
    """Its owner hears of it, whoever has done it. Raises as `link` does."""
    if await link(db, proven, person.key, call.clock()):
        method = proven.partition(" ")[0]
        await tell(
            call, db, PortalMessage.LINKED, person.email, username=person.username, Method=SPOKEN[method]
        )


SPOKEN = {Elsewhere.GITHUB.value: "GitHub", Elsewhere.GOOGLE.value: "Google"}


async def methods(db: Database, account_key: int) -> list[str]:
    """How an account signs in, by the wire's names. One statement."""
    row = await db.fetchrow(METHODS, account_key)
    if row is None:
        return []
    return [*([PASSWORD] if row["password"] else []), *row["methods"]]


async def held_methods(db: Database, account_key: int) -> list[str]:
    """The same, which nobody else takes away until the unit ends. Two statements: of two who take one of the last two each, the second
    reads what the first has left.
    """
    await db.fetchval(HOLD, account_key)
    return await methods(db, account_key)


async def was_removed(db: Database, account_key: int, proven: str) -> bool:
    """Whether the account's owner has removed the method of an identity, and not asked for it again; two statements. Nobody removes it
    until the unit ends.
    """
    await db.fetchval(HOLD, account_key)
    return bool(await db.fetchval(REMOVED, account_key, proven.partition(" ")[0]))


async def want_again(db: Database, account_key: int, proven: str) -> None:
    """Its owner asks for the method of an identity, whether or not he has removed it before. One statement."""
    await db.execute(WANTED_AGAIN, account_key, proven.partition(" ")[0])


async def remove_all(db: Database, account_key: int) -> None:
    """Whoever linked them was perhaps not the account's owner. One statement."""
    await db.execute(REMOVE_ALL, account_key)


async def remove(db: Database, account_key: int, method: str) -> None:
    """It is not linked again but by who asks for it (`was_removed`). One statement."""
    if method == PASSWORD:
        await accounts.forget_password(db, account_key)
    else:
        await db.execute(REMOVE, account_key, method)
