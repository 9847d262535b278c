"""Messages to the owner of a product collection, about who joins it or does not (COL-5)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from entrepot.domain.messages.declared import Subject
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.engine.statements import projection
from entrepot.features.catalog.collections.resources import ProductCollection
from entrepot.features.people.deliveries.events import Event, EventKind
from entrepot.features.people.messages.expanding import expand
from entrepot.features.people.messages.letters import GoneError, Letter, saying
from entrepot.features.people.messages.telling import told
from entrepot.kernel.sql import Sql

COLLECTION = Sql(f"""
SELECT {projection(ProductCollection.__columns__.values())} FROM product_collections t
WHERE t.marketplace_id = :marketplace_id AND t.key = :key
""").bound("marketplace_id", "key")


async def letters(call: Call, event: Event) -> Sequence[Letter]:
    """With the collection as it is now. One statement."""
    facts = event.facts
    row = await call.db.fetchrow(COLLECTION, call.marketplace_id, facts["collection"])
    if row is None:
        raise GoneError("product collection", facts["collection"])
    body = {
        "ProductCollection": renderer(ProductCollection).render(row),
        "InvitationInteropID": facts["invitation"],
        "UserID": facts["user"],
    }
    return [Letter(type=each.type, to=each.to, says=saying(body)) for each in told(event)]


COLLECTION_MESSAGE = EventKind(name=Subject.COLLECTION, expand=partial(expand, letters))
