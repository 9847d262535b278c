"""The connection of a unit that writes: it notes what the unit has written of what processes remember."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Any, cast

import asyncpg
import structlog

from entrepot.declare.entity import Entity
from entrepot.declare.feeds import Changed, Feed, Feeds
from entrepot.declare.synced import Thing
from entrepot.engine.feeding import Fed, Feeding, Write
from entrepot.engine.gathered import Due, Gathered
from entrepot.engine.locked import LockedRows
from entrepot.engine.syncing import GONE, SYNCED, Noted, Syncing, Telling
from entrepot.storage.pipelining import PipelinedTransaction

MOST_NAMED = 2000
"""Products, users or buyers that one unit names; beyond, all of them are meant."""
RAISE = {
    Feed.SECURITY: "UPDATE security_epochs SET epoch = epoch + 1 WHERE marketplace_id = $1",
    Feed.CATALOG: "UPDATE catalog_epochs SET epoch = epoch + 1 WHERE marketplace_id = $1",
}
"""$1 marketplace. The latter without a row of the log: who misses one starts anew."""
RAISE_AND_TELL = f"""
WITH raised AS ({RAISE[Feed.CATALOG]} RETURNING epoch),
named AS (
    SELECT p.number FROM products p
    WHERE p.marketplace_id = $1 AND (p."ID" = ANY($4::citext[]) OR p."ParentID" = ANY($4::citext[])
        OR p."ParentID" = ANY(ARRAY(
            SELECT t."ID" FROM products t WHERE t.marketplace_id = $1 AND t.number = ANY($3::bigint[]) AND t."IsParent")))
    LIMIT {MOST_NAMED + 1}
)
INSERT INTO catalog_changes (marketplace_id, epoch, made_at, products, users, buyers, structure)
SELECT $1, raised.epoch, $2,
       CASE WHEN (SELECT count(*) FROM named) <= {MOST_NAMED} AND $3::bigint[] IS NOT NULL
            THEN array_cat($3::bigint[], ARRAY(SELECT number FROM named)) END,
       $5::bigint[], $6::citext[], $7
FROM raised
"""
"""$1 marketplace, $2 moment, $3 numbers of products, null for all, $4 IDs of further ones, $5 keys of users, null for all,
$6 IDs of buyers, $7 whether the structure is another. Children are named with their parents.
"""
TOLD = "changed_"
"""A statement says itself what it has changed by columns of these names that it returns."""
TOLD_PRODUCT, TOLD_PRODUCT_ID, TOLD_USER, TOLD_BUYER = (
    f"{TOLD}{what}" for what in ("product", "product_id", "user", "buyer")
)

TOLD_ROWS = "wrote_"
"""So does one that writes several tables, by the number of rows under this and the table's name."""


log = structlog.get_logger("entrepot.unit")


class Recording:
    """Runs statements on a connection within one transaction of a marketplace.

    wanted: what of that which is synchronized somebody listens to; statements that write nothing of it are run as they are.
    enqueues: whether writes may wait for the next statement (`enqueue`), since their unit is run again where one fails.
    """

    def __init__(
        self,
        connection: asyncpg.Connection | PipelinedTransaction,
        feeding: Feeding,
        syncing: Syncing | None = None,
        wanted: frozenset[Thing] = frozenset(),
        *,
        enqueues: bool = False,
    ) -> None:
        self.connection = cast(asyncpg.Connection, connection)
        """Of a PipelinedTransaction, what Recording itself needs of one."""
        self.touched: set[Feed] = set()
        """What has to be raised before the unit commits."""
        self.changed = Changed()
        """What of catalogs."""
        self.fed: set[Feeds] = set()
        """By which declarations."""
        self.security_epoch: int | None = None
        """As the unit has raised it."""
        self.followed: list[Callable[[], object]] = []
        """What is called once the unit has been committed."""
        self.statements = 0
        """How many have been run."""
        self.syncing = syncing
        self.wanted = wanted if syncing is not None else frozenset()
        self.noted = Noted()
        """What of that which is synchronized."""
        self.locked = LockedRows()
        self.gathered: Gathered | None = None
        """Where statements may be sent many at once (`gathering`)."""
        self._feeding = feeding
        self._pipelined = connection if enqueues and isinstance(connection, PipelinedTransaction) else None
        self._excused: frozenset[Feed] = frozenset()
        self._described: Changed | None = None

    async def execute(self, query: str, *args: Any) -> str:
        if self.gathered is not None:
            await self.gathered.sent()
        self.statements += 1
        telling = self._telling(query)
        if telling is not None:
            rows = await self.connection.fetch(telling.text, *args)
            await self.noted.note_rows(rows)
            status = f"{telling.verb} {'0 ' if telling.verb == 'INSERT' else ''}{len(rows)}"
        else:
            status = await self.connection.execute(query, *args)
        self.locked.ran(query)
        fed = self._feeding.of(query)
        # `UPDATE 0`, `INSERT 0 0`
        if fed.feeds and not (fed.alone and status.endswith(" 0")):
            self._note(fed, ())
        return status

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]:
        if self.gathered is not None:
            await self.gathered.sent()
        self.statements += 1
        telling = self._telling(query)
        rows = await self.connection.fetch(query if telling is None else telling.text, *args)
        if telling is not None:
            await self.noted.note_rows(rows)
            rows = [] if telling.adds else rows
        self._note_rows(query, rows)
        return rows

    async def fetchrow(self, query: str, *args: Any) -> asyncpg.Record | None:
        telling = self._telling(query)
        if telling is not None:
            # Only the first row is asked for; all of them say something.
            rows = await self.fetch(query, *args)
            return rows[0] if rows else None
        if self.gathered is not None:
            await self.gathered.sent()
        self.statements += 1
        row: asyncpg.Record | None = await self.connection.fetchrow(query, *args)
        self._note_rows(query, () if row is None else (row,))
        return row

    async def fetchval(self, query: str, *args: Any) -> Any:
        row = await self.fetchrow(query, *args)
        return None if row is None else row[0]

    async def executemany(self, query: str, arguments: Sequence[Sequence[Any]]) -> None:
        """A statement once for each."""
        for args in arguments:
            await self.execute(query, *args)

    async def enqueue(self, query: str, *args: Any) -> None:
        """A statement whose outcome nobody needs: it may be sent with the next one, and what is wrong with it be told only then."""
        pipelined = self._pipelined
        if pipelined is not None and self.gathered is None and self._telling(query) is None:
            fed = self._feeding.of(query)
            # Of one alone that feeds something it counts whether it wrote a row.
            if not (fed.feeds and fed.alone) and pipelined.enqueue(query, args):
                self.statements += 1
                self.locked.ran(query)
                if fed.feeds:
                    self._note(fed, ())
                return
        await self.execute(query, *args)

    async def settle(self) -> None:
        """Send what was enqueued, so that its refusal comes before a later one. Raises UnattributedError."""
        if self._pipelined is not None:
            await self._pipelined.flush()

    @asynccontextmanager
    async def gathering(self) -> AsyncIterator[Gathered]:
        """Within it statements are gathered (`later`). Raises GatheredError."""
        gathered = self.gathered = Gathered(self.connection, self._note_gathered)
        try:
            yield gathered
            await gathered.end()
        finally:
            await gathered.abandon()
            self.gathered = None

    async def later(self, query: str, *args: Any) -> Due:
        """Within `gathering`: a statement that writes and returns one row, which is locked."""
        assert self.gathered is not None
        telling = self._telling(query)
        due = await self.gathered.add(query if telling is None else telling.text, args)
        self.statements += 1
        self.locked.ran(query)
        fed = self._feeding.of(query)
        if fed.feeds:
            self._note(fed, ())
        return due

    async def _note_gathered(self, rows: list[Any]) -> None:
        if self.wanted:
            await self.noted.note_rows(rows)

    async def prepare(self, query: str) -> Any:
        """To learn of its parameters; it is not run."""
        return await self.connection.prepare(query)

    def transaction(self) -> Any:
        """A part of the unit that can be undone alone. What it noted stays noted."""
        assert self.gathered is None, "what is gathered would be undone with it"
        return self.connection.transaction()

    @contextmanager
    def concerning(self, feeds: Sequence[Feeds], row: Mapping[str, Any]) -> Iterator[None]:
        """What is written within the block is this row, as it was, and what goes along with it."""
        changes = [each.changes(row) for each in feeds if each.changes is not None]
        before = self._excused
        self._excused = before | {each.feed for each in feeds if each.unless is not None and each.unless(row)}
        try:
            with self.changing(changes[0] if changes else None):
                yield
        finally:
            self._excused = before

    @contextmanager
    def changing(self, changed: Changed | None) -> Iterator[None]:
        """What is written within the block changes this; None where nobody can say."""
        before, self._described = self._described, changed
        try:
            yield
        finally:
            self._described = before

    @contextmanager
    def naming(self, of: Thing, names: Sequence[Sequence[Any]]) -> Iterator[None]:
        """What of these things is written within the block is what is named here (NAMED_BY_CALLER)."""
        if of in self.wanted:
            self.noted.note(of, names)
        yield

    async def sweep(self, marketplace_id: int, entity: Entity, row: Mapping[str, Any]) -> None:
        """Note what goes along with a row that is about to be deleted. No statement where nobody wants to know."""
        for sweep in entity.sweeps:
            if sweep.of in self.wanted:
                by = (row[column] for column in sweep.by)
                rows = await self.connection.fetch(sweep.find, marketplace_id, *by)
                told = f"{GONE if sweep.gone else SYNCED}{sweep.of}"
                await self.noted.note_rows([{told: each[0]} for each in rows])

    def renamed(self, entity: Entity, row: Mapping[str, Any]) -> None:
        """Note that nothing is known any more by the ID that a row had."""
        for synced in entity.synced:
            if synced.itself and synced.of in self.wanted:
                self.noted.note(synced.of, [[row[column] for column in synced.itself]], gone=True)

    def told(self, table: str, columns: Sequence[str]) -> tuple[str, ...]:
        """What an UPDATE of these columns of `t` returns, so that it names what it writes."""
        if not self.wanted or self.syncing is None:
            return ()
        return self.syncing.columns(table, [Write(table, "UPDATE", frozenset(columns))], "t", self.wanted)

    async def raise_epochs(self, marketplace_id: int, now: datetime) -> None:
        """The unit's last statements: raised rows stay locked until it commits. Security first, in every unit."""
        if Feed.SECURITY in self.touched:
            raised = f"{RAISE[Feed.SECURITY]} RETURNING epoch"
            self.security_epoch = await self.connection.fetchval(raised, marketplace_id)
        if Feed.CATALOG in self.touched:
            changed = self.changed
            many = len(changed.buyers) > MOST_NAMED or len(changed.users or ()) > MOST_NAMED
            await self.enqueue(
                RAISE_AND_TELL,
                marketplace_id,
                now,
                None
                if changed.products is None or len(changed.products) > MOST_NAMED
                else list(changed.products),
                [] if changed.products is None else list(changed.product_ids),
                None if changed.users is None or many else list(changed.users),
                [] if many else list(changed.buyers),
                changed.structure,
            )

    def _telling(self, query: str) -> Telling | None:
        if not self.wanted or self.syncing is None:
            return None
        telling = self.syncing.of(query, self.wanted)
        if telling is not None and telling.unnamed:
            # Found by a test over all statements; where it is not, a write is worth more than its message.
            log.error("changes not told", tables=telling.unnamed)
        return telling

    def _note_rows(self, query: str, rows: Sequence[asyncpg.Record]) -> None:
        self.locked.ran(query)
        fed = self._feeding.of(query)
        # A plain write that is fetched returns what it wrote.
        if fed.feeds and (rows or not fed.alone):
            self._note(fed, rows)

    def _note(self, fed: Fed, rows: Sequence[asyncpg.Record]) -> None:
        described, unwritten = self._described or _told(rows), _unwritten(rows)
        for table, feeds in fed.feeds:
            if feeds.feed not in self._excused and table not in unwritten:
                self.touched.add(feeds.feed)
                self.fed.add(feeds)
                if feeds.feed is Feed.CATALOG:
                    self.changed |= described or feeds.scope


def _told(rows: Sequence[asyncpg.Record]) -> Changed | None:
    """What a statement says by the rows that it returned."""
    if not rows or not any(name.startswith(TOLD) for name in rows[0].keys()):  # noqa: SIM118 (a record iterates its values)
        return None
    return Changed(
        products=frozenset(_column(rows, TOLD_PRODUCT)),
        product_ids=frozenset(_column(rows, TOLD_PRODUCT_ID)),
        users=frozenset(_column(rows, TOLD_USER)),
        buyers=frozenset(_column(rows, TOLD_BUYER)),
    )


def _unwritten(rows: Sequence[asyncpg.Record]) -> frozenset[str]:
    """The tables of which a statement of several writes says that it wrote none of their rows."""
    if len(rows) != 1:
        return frozenset()
    return frozenset(
        name.removeprefix(TOLD_ROWS)
        for name, value in rows[0].items()
        if value == 0 and name.startswith(TOLD_ROWS)
    )


def _column(rows: Sequence[asyncpg.Record], name: str) -> Iterator[Any]:
    return (row[name] for row in rows if name in row.keys())  # noqa: SIM118 (as above)
