"""Of what a marketplace for tests is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from entrepot.engine.call import Call, Database
from entrepot.features.people.services import services
from entrepot.features.people.snapshots import bench, seeds, store
from entrepot.features.people.snapshots.seeds import Seed, Seeds
from entrepot.features.people.snapshots.store import SNAPSHOT, TEMPORARY, Held
from entrepot.kernel.errors import CopyOriginError

NAMES = ("Seed", "Document", "SnapshotID", "MarketplaceID")
SENT = "Document"
"""What a seed is called that came along with a request."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What is copied: a seed's original, or a copy by kind and ID; by default the caller's own marketplace."""

    seed: Seed | None = None
    kind: str = ""
    id: str = ""

    @property
    def told(self) -> Mapping[str, str]:
        """Passwords by username that stand in no file."""
        return {} if self.seed is None else self.seed.told

    @property
    def is_foreign(self) -> bool:
        """Whether it has other users than the caller's marketplace."""
        return self.seed is not None or self.kind == TEMPORARY

    async def hold(self, call: Call, connection: Database) -> Held:
        """It stays until the transaction ends. Raises NotFoundError."""
        if self.seed is not None:
            return await seeds.hold(call, connection, self.seed)
        if self.kind:
            return await store.hold(call, connection, self.kind, self.id)
        return Held(call.marketplace_id, {})


async def origin_of(call: Call, given: Mapping[str, Any] | None) -> Origin:
    """What the body names; the original of a seed is there afterwards. Raises CopyOriginError, NotFoundError, and what `ensure` raises."""
    named = {name: value for name, value in (given or {}).items() if name in NAMES and value}
    if len(named) > 1 or (not named and (given is not None or bench.is_itself(call.principal))):
        raise CopyOriginError
    match next(iter(named.items()), None):
        case None:
            return Origin()
        case "SnapshotID", value:
            return Origin(kind=SNAPSHOT, id=value)
        case "MarketplaceID", value if value.lower() == call.principal.marketplace.lower():
            return Origin()
        case "MarketplaceID", value:
            return Origin(kind=TEMPORARY, id=value)
        case "Seed", value:
            seed = await services(call).memory(Seeds).named(value)
        case _, value:
            text = value.encode("utf-8", "surrogatepass")
            digest = await seeds.digest_of(services(call).box, text)
            seed = Seed(SENT, text, digest)
    await seeds.ensure(call, seed)
    return Origin(seed=seed)
