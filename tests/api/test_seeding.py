"""Seed files: what they make is what the API makes, all of it or nothing, and a download is a seed (SEED-1 to SEED-6)."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from benchmarks import catalog_marketplace
from tests.api.marketplace import Api, Server, ShiftedClock, run_server
from tests.api.uniform.subjects import checked

from entrepot.app.registry import registry
from entrepot.app.seeding import seeder
from entrepot.app.settings import Settings
from entrepot.features.catalog.audience.kinds import TokenKind as Token
from entrepot.features.catalog.audience.statements import refresh
from entrepot.features.seeding import chunks, derived, pace, statistics, together, writing
from entrepot.features.seeding import kinds as declared
from entrepot.features.seeding.download import download
from entrepot.features.seeding.kinds import Kind, kinds_of
from entrepot.features.seeding.looks import looks_of
from entrepot.features.seeding.marketplace_records import NoMarketplaceError
from entrepot.features.seeding.own.settings import PATHS, WORD
from entrepot.features.seeding.placeholders import MARKETPLACE, OWNERS, REDACTED
from entrepot.features.seeding.preparing import Preparation
from entrepot.features.seeding.problems import SeedRefusedError
from entrepot.features.seeding.reading import Record, read_records
from entrepot.features.seeding.seeding import Seeded, Seeder
from entrepot.features.seeding.statistics import Statistics, analyze
from entrepot.kernel.ids import new_guid, new_id
from entrepot.storage.listing.prewritten import PREWRITTEN
from entrepot.storage.ready_pool import ReadyPool

EVERYTHING = Path(__file__).with_name("seeds") / "everything.yml"
KINDS = {kind.name: kind for kind in kinds_of(registry())}
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
INVITED = "SELECT count(*) FROM outbox_events WHERE marketplace_id = $1 AND kind = 'AccountMessage'"
Records = dict[str, list[dict[str, Any]]]


class FrozenClock(ShiftedClock):
    """It is always the same moment, so that rows made one after the other are equal."""

    def __call__(self) -> datetime:
        return NOW


@pytest.fixture
async def frozen(settings: Settings, database: ReadyPool) -> AsyncIterator[Server]:
    async with run_server(settings, database, FrozenClock()) as running:
        yield running


@dataclass
class Seeds:
    """Seeds files into the server's database."""

    seeder: Seeder
    connection: asyncpg.Connection
    directory: Path

    async def seed(self, file: Path | str, marketplace: str | None = None) -> Seeded:
        if isinstance(file, str):
            text, file = file, self.directory / "seed.yml"
            file.write_text(text)
        return await self.seeder.seed(self.connection, file, marketplace or new_id(), "Seeded")

    async def refusal(self, text: str) -> list[str]:
        """The problems of a file, which must leave nothing behind."""
        marketplace = new_id()
        with pytest.raises(SeedRefusedError) as refused:
            await self.seed(text, marketplace)
        assert await self.key(marketplace) is None
        return [str(problem) for problem in refused.value.problems]

    async def key(self, marketplace: str) -> int | None:
        sql = 'SELECT marketplace_id FROM marketplaces WHERE "ID" = $1'
        key: int | None = await self.connection.fetchval(sql, marketplace)
        return key

    async def download(self, marketplace: str) -> Path:
        file = StringIO()
        await download(self.connection, self.seeder.registry, self.seeder.services, marketplace, file)
        path = self.directory / f"{marketplace}.yml"
        path.write_text(file.getvalue())
        return path


@pytest.fixture
async def seeds(settings: Settings, database: asyncpg.Pool, tmp_path: Path) -> AsyncIterator[Seeds]:
    async with seeder(settings, database) as made, database.acquire() as connection:
        yield Seeds(
            Seeder(
                registry=made.registry,
                services=made.services,
                base_url=settings.base_url,
                clock=FrozenClock(),
            ),
            connection,
            tmp_path,
        )


# --- the same as through the API ------------------------------------------------------------------------------


def test_the_file_of_these_tests_has_every_kind() -> None:
    """And the registry has what each is declared by."""
    assert {record.kind for record in read_records(EVERYTHING)} == KINDS.keys()
    assert [kind.name for kind in declared.KINDS] == list(KINDS)
    assert all(kind.writes is not None for kind in KINDS.values())


async def test_a_seed_makes_the_rows_that_the_api_makes(
    frozen: Server, seeds: Seeds, database: asyncpg.Pool
) -> None:
    """Every table is equal row by row, with keys and numbers read as what they stand for."""
    seeded = await seeds.seed(EVERYTHING)
    key = await seeds.key(seeded.marketplace)
    assert key is not None
    async with Api.create(frozen) as api:
        clients = await _through_the_api(api)
        by_api = await _snapshot(database, api.marketplace_id, api.marketplace, clients)
        assert await database.fetchval(INVITED, api.marketplace_id) > 0
    assert await database.fetchval(INVITED, key) == 0, "a seed writes to nobody"
    by_seed = await _snapshot(
        database, key, seeded.marketplace, {new: old for old, new in seeded.client_ids.items()}
    )
    for own in ("admin", "full", api.client_id):
        # What a marketplace of the tests begins with.
        by_api = {table: [row for row in rows if f'"{own}"' not in row] for table, rows in by_api.items()}
    assert by_seed.keys() == by_api.keys()
    for table, rows in by_seed.items():
        assert set(rows) - set(by_api[table]) == set(), table
        assert set(by_api[table]) - set(rows) == set(), table
        assert len(rows) == len(by_api[table]), table


async def test_what_was_downloaded_seeds_the_same_again(seeds: Seeds) -> None:
    first = await seeds.seed(EVERYTHING)
    one = await seeds.download(first.marketplace)
    second = await seeds.seed(one)
    two = await seeds.download(second.marketplace)
    renamed = {new: old.upper() for old, new in second.client_ids.items()}
    before, again = (
        [_renamed(record, names) for record in read_records(file)]
        for file, names in ((one, {}), (two, renamed))
    )
    assert [(r.section, r.kind, r.value) for r in before] == [(r.section, r.kind, r.value) for r in again]
    assert {record.kind for record in read_records(one)} == KINDS.keys()


async def test_secrets_and_the_marketplace_do_not_leave_with_a_download(seeds: Seeds) -> None:
    """SEED-2"""
    seeded = await seeds.seed(EVERYTHING)
    text = (await seeds.download(seeded.marketplace)).read_text()
    assert seeded.marketplace not in text
    assert "Some-Passw0rd-1" not in text
    assert "hush" not in text
    assert text.count(REDACTED) == 10
    assert text.count(f"OwnerID: {MARKETPLACE}") == 18
    with pytest.raises(NoMarketplaceError):
        await seeds.download("nowhere")


async def test_placeholders_become_secrets(seeds: Seeds, frozen: Server) -> None:
    """SEED-2: 60 random characters for a client, one shared text of 20 for all webhooks, events and senders."""
    first, second = [await seeds.seed(EVERYTHING) for _ in range(2)]
    sealed = "SELECT sealed_hashkey FROM webhooks WHERE marketplace_id = $1"
    keys = [await seeds.key(each.marketplace) for each in (first, second)]
    assert len({await seeds.connection.fetchval(sealed, key) for key in keys}) == 2
    ids = {*first.client_ids.values(), *second.client_ids.values()}
    assert len(ids) == 4
    assert all(re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", each) for each in ids)


# --- refusals -------------------------------------------------------------------------------------------------

GOOD = """
Objects:
  Catalogs:
    - ID: main
      Name: Main
"""
REFUSED: list[tuple[str, str, list[str]]] = [
    ("no YAML", "Objects:\n  Buyers:\n    - ID: 'a\n", ["line 4: found unexpected end of stream"]),
    (
        "twice the same key",
        "Objects:\n  Buyers:\n    - ID: a\n      Name: A\n      ID: b\n",
        ["line 5: the key ID stands here twice"],
    ),
    (
        "twice the same kind",
        "Objects:\n  Buyers: []\n  Buyers: []\n",
        ["line 3: Buyers stands in the file twice"],
    ),
    (
        "unknown kind",
        "Objects:\n  Byers:\n    - ID: a\n",
        ["line 2: Objects.Byers: there is no such kind of record"],
    ),
    (
        "unknown kind of which there are none",
        "Objects:\n  Buyers: []\n  Byers: []\n",
        ["line 3: Objects.Byers: there is no such kind of record"],
    ),
    (
        "unknown kind of which there are none, in another layout",
        "{Objects: {Buyers: [],\n  Byers: []}}\n",
        ["line 2: Objects.Byers: there is no such kind of record"],
    ),
    (
        "kind in the wrong section",
        "Assignments:\n  Buyers:\n    - ID: a\n",
        ["line 2: Assignments.Buyers: there is no such kind of record"],
    ),
    ("no mapping", "Objects:\n  Buyers:\n    - acme\n", ["line 3: Buyers: a record must be a mapping"]),
    (
        "all bad properties of all records",
        (
            "Objects:\n  Buyers:\n    - ID: a b\n      Active: perhaps\n    - ID: c\n      Name: C\n  PriceSchedules:\n"
            "    - ID: p\n      Name: P\n      PriceBreaks:\n        - Quantity: 1\n          Price: 2\n        - Quantity: 2\n"
            "          Price: cheap\n"
        ),
        [
            "line 3: Buyers.a b.ID: ID can hold only letters, digits, hyphens and underscores. (ValidationFailure)",
            "line 3: Buyers.a b.Name: Name is required. (ValidationFailure)",
            "line 4: Buyers.a b.Active: Active is not a valid Boolean. (ValidationFailure)",
            "line 14: PriceSchedules.p.PriceBreaks[1].Price: PriceBreaks[1].Price is not a valid Decimal. (ValidationFailure)",
        ],
    ),
    (
        "a record on one line",
        'Objects:\n  Buyers:\n    - {"ID": "a", "Name": ""}\n',
        ["line 3: Buyers.a.Name: Name is required. (ValidationFailure)"],
    ),
    (
        "references",
        (
            "Objects:\n  Buyers:\n    - ID: a\n      Name: A\n      DefaultCatalogID: none\n  Products:\n    - ID: p\n      Name: P\n"
            "      OwnerID: nobody\nAssignments:\n  ProductAssignments:\n    - ProductID: P\n      BuyerID: A\n      UserGroupID: g\n"
        ),
        [
            "line 5: Buyers.DefaultCatalogID: there is no Catalog none in the file",
            "line 9: Products.OwnerID: there is no Supplier nobody in the file",
            "line 14: ProductAssignments.UserGroupID: there is no UserGroup g under BuyerID a in the file",
        ],
    ),
    (
        "references under a parent",
        (
            "Objects:\n  Catalogs:\n    - {ID: a, Name: A}\n    - {ID: b, Name: B}\n  Categories:\n    - {CatalogID: a, ID: c, Name: C}\n"
            "    - CatalogID: b\n      ID: d\n      Name: D\n      ParentID: c\n  Specs:\n    - {ID: s, Name: S, DefaultOptionID: o}\n"
        ),
        [
            "line 10: Categories.ParentID: there is no Category c under CatalogID b in the file",
            "line 12: Specs.s.DefaultOptionID: there is no SpecOption o under SpecID s in the file",
        ],
    ),
    (
        "categories that stand below themselves (CTY-1)",
        (
            "Objects:\n  Catalogs:\n    - {ID: c, Name: C}\n    - {ID: d, Name: D}\n  Categories:\n"
            "    - {CatalogID: c, ID: top, Name: T}\n    - {CatalogID: c, ID: below, Name: B, ParentID: top}\n"
            "    - {CatalogID: c, ID: leaf, Name: L, ParentID: x}\n    - {CatalogID: C, ID: X, Name: X, ParentID: Y}\n"
            "    - {CatalogID: c, ID: y, Name: Y, ParentID: x}\n    - {CatalogID: d, ID: x, Name: X, ParentID: x}\n"
        ),
        [
            f"line {line}: Categories.{category}.ParentID: A category cannot be under itself or under one of its "
            "subcategories. (Category.CircularReference)"
            for line, category in ((9, "X"), (11, "x"))
        ],
    ),
    (
        "a parent that is not named",
        "Objects:\n  UserGroups:\n    - ID: g\n      Name: G\n",
        ["line 3: UserGroups.g.BuyerID: BuyerID is required."],
    ),
    (
        "the same ID and the same username twice",
        (
            "Objects:\n  Catalogs:\n    - {ID: a, Name: A}\n    - {ID: A, Name: B}\n  AdminUsers:\n"
            "    - {ID: a, Username: u, FirstName: A, LastName: A, Email: a@example.com, Active: true}\n"
            "    - {ID: b, Username: U, FirstName: A, LastName: A, Email: a@example.com, Active: true}\n"
        ),
        [
            "line 4: Catalogs.A.ID: another record above has the same ID",
            "line 7: AdminUsers.b.Username: another user above has the same Username",
        ],
    ),
    (
        "what a rule refuses without the database",
        (
            "Objects:\n  PriceSchedules:\n    - ID: p\n      Name: P\n      PriceBreaks:\n        - {Quantity: 1, Price: 1}\n"
            "        - {Quantity: 1, Price: 2}\n"
        ),
        ["line 3: PriceSchedules.p: "],
    ),
    (
        "what a rule refuses that asks the database",
        "Objects:\n  Products:\n    - {ID: p, Name: P}\n    - ID: c\n      Name: C\n      ParentID: p\n  Catalogs:\n    - {ID: a, Name: A}\n",
        ["line 4: Products.c: "],
    ),
    (
        "a variant of options that its product does not have",
        (
            "Objects:\n  Products:\n    - {ID: p, Name: P}\n  Variants:\n    - ProductID: p\n      ID: v\n      Specs:\n"
            "        - {SpecID: s, OptionID: o}\n"
        ),
        ["line 7: Variants.v.Specs: p has no variant of these options"],
    ),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED])
async def test_refusals_name_line_and_property_and_nothing_is_written(
    seeds: Seeds, text: str, expected: list[str]
) -> None:
    problems = await seeds.refusal(text)
    assert len(problems) == len(expected), problems
    assert all(problem.startswith(begin) for problem, begin in zip(problems, expected, strict=True)), problems


WEAK = (
    "Objects:\n  AdminUsers:\n"
    "    - {ID: a, Username: u, Password: a, FirstName: A, LastName: A, Email: a@example.com, Active: true}\n"
)
BAD_ASSIGNMENT = "Assignments:\n  ProductAssignments:\n    - {ProductID: p, BuyerID: b}\n"


async def test_what_is_wrong_with_the_file_is_told_in_place_of_what_writing_found(seeds: Seeds) -> None:
    """SEED-4: objects are written while the assignments are read."""
    (weak,) = await seeds.refusal(WEAK)
    assert weak.startswith("line 3: AdminUsers.a")
    wrong = [
        "line 6: ProductAssignments.BuyerID: there is no Buyer b in the file",
        "line 6: ProductAssignments.ProductID: there is no Product p in the file",
    ]
    assert await seeds.refusal(WEAK + BAD_ASSIGNMENT) == wrong


async def test_a_file_that_ends_badly_leaves_nothing_of_the_objects_that_were_being_written(
    seeds: Seeds,
) -> None:
    """SEED-4: and the connection is as it was."""
    objects = "".join(f"    - {{ID: p{number}, Name: P}}\n" for number in range(3 * pace.BATCH))
    assignments = "".join("    - {CatalogID: c, BuyerID: b}\n" for _ in range(50))
    begun = f"Objects:\n  Buyers:\n    - {{ID: b, Name: B}}\n  Catalogs:\n    - {{ID: c, Name: C}}\n  PriceSchedules:\n{objects}"
    marketplace = new_id()
    with pytest.raises(SeedRefusedError, match=r"line 3059: .*U\+0000"):
        await seeds.seed(
            f'{begun}Assignments:\n  CatalogAssignments:\n{assignments}    - {{CatalogID: "\\0"}}\n',
            marketplace,
        )
    assert not seeds.connection.is_in_transaction()
    assert await seeds.key(marketplace) is None
    made = await seeds.seed(f"{begun}Assignments:\n  CatalogAssignments:\n{assignments}", marketplace)
    assert made.records["PriceSchedules"] == 3 * pace.BATCH
    assert made.records["CatalogAssignments"] == 50


ASLEEP = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep')"


async def test_what_is_wrong_with_the_file_is_told_whatever_statement_it_ends(
    seeds: Seeds, database: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SEED-4: one outside of the savepoints, as a large seed waits for another's turn to analyze."""
    take: Any = Preparation.take
    process = seeds.connection.get_server_pid()

    async def sleeping(self: Statistics, records: int) -> None:
        await self._connection.execute("SELECT pg_sleep(600)")

    async def after_it_sleeps(self: Preparation, record: Record) -> None:
        # PostgreSQL does not hear that a statement is to end before it has begun with it.
        while record.section == "Assignments" and not await database.fetchval(ASLEEP, process):
            await asyncio.sleep(0.001)
        await take(self, record)

    monkeypatch.setattr(Statistics, "keep_up", sleeping)
    monkeypatch.setattr(Preparation, "take", after_it_sleeps)
    objects = "Objects:\n  Buyers:\n    - {ID: b, Name: B}\n"
    wrong = "line 6: ProductAssignments.ProductID: there is no Product p in the file"
    assert await seeds.refusal(objects + BAD_ASSIGNMENT) == [wrong]
    monkeypatch.undo()
    assert (await seeds.seed(objects)).records == {"Buyers": 1}


class Told:
    """What a seed tells of its tasks: each begins with 0."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []

    def begin(self, task: str, total: int, *, beside: bool = False) -> Callable[[int], None]:
        self.told.append((task, 0))
        return lambda count: self.told.append((task, count))


async def test_objects_are_written_while_assignments_are_read(seeds: Seeds) -> None:
    """SEED-4: whichever of both is over first."""
    file = seeds.directory / "beside.yml"
    pairs = "".join(f"    - {{CatalogID: c, BuyerID: b{number}}}\n" for number in range(3000))
    buyers = "".join(f"    - {{ID: b{number}, Name: B, DefaultCatalogID: c}}\n" for number in range(3000))
    file.write_text(
        f"Objects:\n  Catalogs:\n    - {{ID: c, Name: C}}\n  Buyers:\n{buyers}Assignments:\n  CatalogAssignments:\n{pairs}"
    )
    progress = Told()
    await seeds.seeder.seed(seeds.connection, file, new_id(), "Beside", progress=progress)
    told = progress.told
    reading = [place for place, (task, _) in enumerate(told) if task.startswith("Reading")]
    assert told.index(("Catalogs", 0)) < reading[-1], "no object was written before all of the file was read"
    assert told.index(("CatalogAssignments", 0)) > reading[-1]
    assert sum(count for task, count in told if task.startswith("Reading")) == file.stat().st_size


async def test_what_refers_to_nothing_is_written_while_other_objects_are_read(seeds: Seeds) -> None:
    """SEED-4: in the file's order, and once; what refers to something waits for all objects."""
    file, progress = seeds.directory / "ahead.yml", Told()
    prices = "".join(f"    - {{ID: p{number}, Name: P}}\n" for number in range(2000))
    buyers = "".join(f"    - {{ID: b{number}, Name: B, DefaultCatalogID: c}}\n" for number in range(3000))
    file.write_text(
        f"Objects:\n  PriceSchedules:\n{prices}  Buyers:\n{buyers}  Categories:\n    - {{CatalogID: c, ID: k, Name: K}}\n"
        "  Catalogs:\n    - {ID: c, Name: C}\n"
    )
    made = await seeds.seeder.seed(seeds.connection, file, new_id(), "Ahead", progress=progress)
    begun = [task for task, count in progress.told if count == 0 and not task.startswith("Reading")]
    reading = [place for place, (task, _) in enumerate(progress.told) if task.startswith("Reading")]
    assert begun == ["PriceSchedules", "Catalogs", "Buyers", "Categories"]
    assert progress.told.index(("PriceSchedules", 0)) < reading[-1], "nothing was written before all was read"
    assert made.records == {"Catalogs": 1, "PriceSchedules": 2000, "Buyers": 3000, "Categories": 1}


async def test_objects_that_are_wrong_are_told_before_an_id_that_is_taken(seeds: Seeds) -> None:
    """SEED-3: and that before what is wrong with assignments."""
    taken = (await seeds.seed(GOOD)).marketplace
    bad = "Objects:\n  Buyers:\n    - {ID: b}\n"
    with pytest.raises(SeedRefusedError, match=r"line 3: Buyers\.b"):
        await seeds.seed(bad, taken)
    with pytest.raises(SeedRefusedError, match=f"^there is a marketplace {taken} already"):
        await seeds.seed("Objects:\n  Buyers:\n    - {ID: c, Name: C}\n" + BAD_ASSIGNMENT, taken)


async def test_reliability_f3_a_seed_analyzes_what_it_writes_as_it_goes(seeds: Seeds, tmp_path: Path) -> None:
    """By-products too, which no kind names: before the commit, since the seed's own statements are planned by it. The
    database has served before, so that its statistics know other marketplaces only.
    """
    connection = seeds.connection
    await seeds.seed(EVERYTHING)
    await connection.execute("ANALYZE")
    size = catalog_marketplace.write(tmp_path / "catalog.yml", scale=0.012)
    async with connection.transaction():
        marketplace = new_id()
        seeded = await seeds.seed(tmp_path / "catalog.yml", marketplace)
        key = await seeds.key(marketplace)
        written = await connection.fetch(
            """SELECT c.relname AS name, c.reltuples, s.n_tup_ins + s.n_tup_upd AS written, p.most_common_vals::text AS common
            FROM pg_stat_xact_user_tables s JOIN pg_class c ON c.oid = s.relid
            JOIN pg_stats p ON p.tablename = c.relname AND p.attname = 'marketplace_id'
            WHERE s.n_tup_ins >= $1 ORDER BY c.relname""",
            statistics.WORTH_ANALYZING,
        )
        tables = {row["name"]: row for row in written}
        assert (
            {"products", "price_schedules", "catalog_product_assignments"}
            <= tables.keys()
            <= {*seeded.tables}
        )
        for name, row in tables.items():
            assert str(key) in row["common"].strip("{}").split(","), f"{name}: {row['common']}"
            count = await connection.fetchval(f"SELECT count(*) FROM {name}")
            assert row["reltuples"] >= count / statistics.GROWTH, name
        assert tables["products"]["reltuples"] >= size.products


async def test_reliability_f3_some_hundred_categories_are_known_before_products_are_placed(
    seeds: Seeds, tmp_path: Path
) -> None:
    """Where they are not, each product's foreign key is checked by an index of the catalog, all of whose categories it reads."""
    connection, file = seeds.connection, tmp_path / "categories.yml"
    categories = [{"CatalogID": "c", "ID": f"k{n}", "Name": "K", "Active": True} for n in range(150)]
    objects = {"Catalogs": [{"ID": "c", "Name": "C", "Active": True}], "Categories": categories}
    file.write_text(json.dumps({"Objects": objects}))
    async with connection.transaction():
        marketplace = new_id()
        await seeds.seed(file, marketplace)
        found = await connection.fetchrow(
            """SELECT c.reltuples, p.most_common_vals::text AS common FROM pg_class c
            JOIN pg_stats p ON p.tablename = c.relname AND p.attname = 'marketplace_id' WHERE c.relname = 'categories'"""
        )
        assert found is not None
        assert str(await seeds.key(marketplace)) in found["common"].strip("{}").split(",")
        assert found["reltuples"] >= len(categories)


async def test_reliability_f3_a_small_seed_leaves_statistics_too(seeds: Seeds) -> None:
    await seeds.connection.execute("ANALYZE")
    seeded = await seeds.seed(EVERYTHING)
    for name in seeded.tables:
        known = await seeds.connection.fetchval(
            "SELECT reltuples FROM pg_class WHERE relname = $1", name.strip('"')
        )
        assert known == await seeds.connection.fetchval(f"SELECT count(*) FROM {name}"), name


async def test_t13_more_rows_take_no_more_statements(seeds: Seeds, tmp_path: Path) -> None:
    """A hook whose statement a seed does not know, or cannot put together, would have its records written one by one."""
    few, many = [await _statements(seeds, tmp_path, scale) for scale in (0.003, 0.006)]
    more = {text: count for text, count in (many - few).items() if "marketplace_id" in text}
    # Statistics are made anew as tables grow.
    assert {text: count for text, count in more.items() if not text.startswith("ANALYZE")} == {}


async def test_reliability_r6_a_batch_is_bounded(
    seeds: Seeds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No statement is about more rows than a batch, so that nobody waits for the log of more; after each of them a seed
    rests if others are at work, and never if none are.
    """
    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    monkeypatch.setattr("entrepot.features.seeding.pace.sleep", rest)
    monkeypatch.setattr(pace, "WINDOW", 0.0)
    monkeypatch.setattr(pace, "BUSY", 1e9)
    await _statements(seeds, tmp_path, 0.003)
    assert rests == []
    monkeypatch.setattr(pace, "BUSY", -1.0)
    for module in (chunks, derived, together, writing):
        monkeypatch.setattr(module, "BATCH", 100)
    logged: list[Any] = []
    with seeds.connection.query_logger(logged.append):
        made = await seeds.seed(tmp_path / "catalog.yml")
    longest = [
        max(len(arg) for arg in each.args if isinstance(arg, list)) for each in logged if _has_list(each)
    ]
    assert max(longest) == 100
    assert len(rests) >= sum(-(-count // 100) for count in made.records.values())


async def test_reliability_r6_no_write_of_another_marketplace_waits_for_a_seed(
    server: Server, seeds: Seeds
) -> None:
    """Every kind of record is written beside one that has written all of its own, and has not committed."""
    connection = seeds.connection
    async with connection.transaction():
        seeded = await seeds.seed(EVERYTHING)
        await analyze(connection, seeded.tables)
        async with Api.create(server) as api:
            await _through_the_api(api)
        held = await connection.fetch(
            "SELECT DISTINCT mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'"
        )
    # The last one is of ANALYZE: only another one, VACUUM and changes of the schema would wait for it.
    modes = {"AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock"}
    assert {row["mode"] for row in held} == modes


async def _statements(seeds: Seeds, directory: Path, scale: float) -> Counter[str]:
    """Those that a seed of the benchmark's catalog sends."""
    logged: list[Any] = []
    catalog_marketplace.write(directory / "catalog.yml", scale)
    with seeds.connection.query_logger(logged.append):
        await seeds.seed(directory / "catalog.yml")
    return Counter(each.query for each in logged)


def _has_list(logged: Any) -> bool:
    return any(isinstance(arg, list) for arg in logged.args or ())


async def test_an_event_comes_before_its_clients(seeds: Seeds) -> None:
    """Behaviour D2, tools F3: clients name their events; whether one may elevate is asked when it does (IE-5)."""
    made = await seeds.seed("""
Objects:
  ApiClients:
    - {ID: a, AppName: A, Active: true, AccessTokenDuration: 600, AllowSeller: true, OrderCheckoutIntegrationEventID: e}
  IntegrationEvents:
    - {ID: e, Name: E, EventType: OrderCheckout, CustomImplementationUrl: "https://x.example.com", HashKey: k,
       ElevatedRoles: [FullAccess]}
""")
    assert dict(made.records) == {"IntegrationEvents": 1, "ApiClients": 1}


async def test_a_marketplace_that_exists_is_refused(seeds: Seeds) -> None:
    made = await seeds.seed(GOOD)
    with pytest.raises(SeedRefusedError, match="already"):
        await seeds.seed(GOOD, made.marketplace.upper())


async def test_problems_are_told_of_at_most_a_hundred_at_once(seeds: Seeds) -> None:
    rows = "".join(f"    - {{ID: b{n}}}\n" for n in range(150))
    with pytest.raises(SeedRefusedError) as refused:
        await seeds.seed(f"Objects:\n  Buyers:\n{rows}")
    assert len(refused.value.problems) == 100
    assert refused.value.more


# --- layouts --------------------------------------------------------------------------------------------------

LAYOUTS = {
    "usual": "Objects:\n  Catalogs:\n  # main\n  - ID: a\n    Name: 'yes'\n    xp: {n: 1.50, zip: 007, b: yes}\n\n  - ID: b\n    Name: B\n    xp: null\n",
    "lines of JSON": 'Objects:\n  Catalogs:\n    - {"ID": "a", "Name": "yes", "xp": {"n": 1.50, "zip": "007", "b": "yes"}}\n'
    '    - {"ID": "b", "Name": "B", "xp": null}\n',
    "JSON": '{"Objects": {"Catalogs": [{"ID": "a", "Name": "yes", "xp": {"n": 1.50, "zip": "007", "b": "yes"}},'
    ' {"ID": "b", "Name": "B", "xp": null}]}}',
    "anchors": "X: &x\n  Name: B\n  xp: ~\nObjects:\n  Catalogs:\n    - {ID: a, Name: 'yes', xp: {n: 1.50, zip: 007, b: yes}}\n    - <<: *x\n      ID: b\n",
    "a margin": '---\nObjects:\n    Catalogs:\n        - ID: a\n          Name: "y\\\n            es"\n          xp:\n            n: 1.50\n            zip: 007\n'
    "            b: yes\n        - ID: b\n          Name: B\n          xp:\n",
}


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS)
def test_any_yaml_is_read(tmp_path: Path, text: str) -> None:
    """The core schema of YAML 1.2: `yes` is text; a number with leading zeros keeps them."""
    file = tmp_path / "seed.yml"
    file.write_text(text)
    records = list(read_records(file))
    assert [record.kind for record in records] == ["Catalogs", "Catalogs"]
    assert json.loads(json.dumps([dict(sorted(r.value.items())) for r in records], default=str)) == [
        {"ID": "a", "Name": "yes", "xp": {"n": "1.50", "zip": "007", "b": "yes"}},
        {"ID": "b", "Name": "B", "xp": None},
    ]


# --- through the API ------------------------------------------------------------------------------------------


async def _through_the_api(api: Api) -> dict[str, str]:
    """Every record of EVERYTHING sent to the operation that makes one; the clients' IDs -> those of the file."""
    records: Records = {}
    for record in read_records(EVERYTHING):
        records.setdefault(record.kind, []).append(record.value)
    clients = {client["ID"].lower(): new_guid() for client in records["ApiClients"]}
    for name, kind in KINDS.items():
        if name == "Variants":
            await checked(api.seller.post("/v1/products/shirt/variants/generate"), 201)
        for values in sorted(records[name], key=lambda each: bool(each.get("ParentID"))):
            await _send(api, kind, _filled(values, api.marketplace, clients))
        if name == "SpecOptions":
            default = {"DefaultOptionID": "L"}
            await checked(api.seller.patch("/v1/specs/size", json=default), 200)
    return {new: old for old, new in clients.items()}


async def _send(api: Api, kind: Kind, record: dict[str, Any]) -> None:
    if kind.table in BY_SEEDS_ALONE:
        return
    operation = kind.writes
    assert operation is not None
    path = f"/v1{operation.path}"
    if kind.resource is not None and kind.id_name == WORD:
        path = f"/v1{PATHS[kind.resource.name, kind.id_in({}, record)]}"
    folded = {name.lower(): value for name, value in record.items()}
    if kind.name == "Variants":
        folded["variantid"] = "shirt-S"
    if kind.name == "ApiClients":
        folded["apiclientid"] = record["ID"]
    for parameter in operation.path_parameters:
        path = path.replace(f"{{{parameter}}}", folded.get(parameter.lower(), ""))
    query = {each.name: folded[each.name.lower()] for each in operation.query if each.name.lower() in folded}
    if kind.name == "Specs":
        record = {**record, "DefaultOptionID": None}
    body = None if operation.body is None else record
    answer: httpx.Response = await api.seller.request(operation.verb, path, params=query, json=body)
    assert answer.is_success, (kind.name, answer.text)


def _filled(record: dict[str, Any], marketplace: str, clients: dict[str, str]) -> dict[str, Any]:
    text = json.dumps(record, default=float)
    for old, new in clients.items():
        text = re.sub(f'"{old}"', f'"{new}"', text, flags=re.IGNORECASE)
    filled: dict[str, Any] = json.loads(text)
    for name, value in filled.items():
        if value == MARKETPLACE and name in OWNERS:
            filled[name] = marketplace
        elif value == REDACTED:
            filled[name] = "secret"
    return filled


# --- comparing ------------------------------------------------------------------------------------------------

UNLIKE = frozenset(
    {
        "marketplace_id",
        "xp_value",
        "key",
        "number",
        "password_hash",
        "AppStartUrl",
        "listener_id",
        "CustomAuthHeaderValue",
    }
)
"""Columns that differ between equal marketplaces."""
BY_SEEDS_ALONE = frozenset({
    "promotion_codes",
    "product_collections",
    "product_collection_entries",
    "product_collection_invitations",
})  # fmt: skip
"""Tables whose rows the API makes of itself, or for its callers."""
SECRET = re.compile(r"sealed_|encrypted|Secret")
HOLES = re.compile(r"\x01[^\x01]*\x01")
NUMBERED = ("buyers", "catalogs", "categories", "spec_options", "security_profiles")
OF_KEYS = {
    look.column: look.table for kind in KINDS.values() for look in looks_of(kind, registry()) if look.keyed
} | {
    "ship_from_key": "addresses",
    "approving_group_key": "user_groups",
    "default_context_user_key": "users",
    "impersonation_user_key": "users",
    "impersonation_group_key": "user_groups",
    "sender_group_key": "user_groups",
}
OF_TOKENS = {
    Token.IN_CATALOG: "catalogs",
    Token.OPEN_IN: "catalogs",
    Token.LISTED_IN: "catalogs",
    Token.IN_CATEGORY: "categories",
    Token.GRANTED_BUYER: "buyers",
    Token.GRANTED_GROUP: "user_groups",
}


async def _snapshot(
    database: asyncpg.Pool, marketplace_id: int, marketplace: str, clients: dict[str, str]
) -> dict[str, list[str]]:
    """All rows of all tables as sorted texts, in which keys and numbers are the names of what they mean."""
    tables = sorted(({kind.table for kind in KINDS.values()} | {"product_suppliers"}) - BY_SEEDS_ALONE)
    rows: dict[str, list[dict[str, Any]]] = {}
    for table in tables:
        found = await database.fetch(
            f"SELECT to_jsonb(t)::text FROM {table} t WHERE t.marketplace_id = $1", marketplace_id
        )
        rows[table] = [json.loads(row[0]) for row in found]
    names = _names(rows)
    return {table: sorted(_text(row, names, marketplace, clients) for row in rows[table]) for table in tables}


def _names(rows: dict[str, list[dict[str, Any]]]) -> dict[tuple[str, int], str]:
    """Keys and numbers, by table, as the IDs of what they stand for with those of its parents."""
    names = {}
    for table, held in rows.items():
        for row in held:
            number = row.get("number" if table in NUMBERED else "key")
            if number is not None and "ID" in row:
                above = [
                    str(row.get(name))
                    for name in ("BuyerID", "SupplierID", "CatalogID", "SpecID", "ProductID")
                ]
                names[table, number] = "/".join([*above, row["ID"]])
    return names


def _text(
    row: dict[str, Any], names: dict[tuple[str, int], str], marketplace: str, clients: dict[str, str]
) -> str:
    plain = {}
    for name, value in row.items():
        if name in UNLIKE or SECRET.search(name):
            continue
        if name == "audience":
            value = sorted(f"{Token(t % 8).name} {names[OF_TOKENS[Token(t % 8)], t // 8]}" for t in value)
        elif name == "options":
            value = sorted(names["spec_options", number] for number in value)
        elif name == "own_profiles":
            value = sorted(names["security_profiles", number] for number in value)
        elif name.endswith("_key") and value is not None:
            value = names[OF_KEYS[name], value]
        elif name == PREWRITTEN:
            # As JSON, in which 1.50 of a request is 1.5 of a file; its holes as null.
            value = json.loads(HOLES.sub("null", value))
        plain[name] = value
    if "DeliveryTargets" in plain:
        plain["DeliveryTargets"]["Http"]["Secret"] = None
    text = json.dumps(plain, sort_keys=True).replace(f'"{marketplace}"', f'"{MARKETPLACE}"')
    for new, old in clients.items():
        text = re.sub(f'"{new}"', f'"{old}"', text, flags=re.IGNORECASE)
    return text


def _renamed(record: Record, names: dict[str, str]) -> Record:
    text = json.dumps(record.value, default=str)
    for new, old in names.items():
        text = re.sub(f'"{new}"', f'"{old}"', text, flags=re.IGNORECASE)
    return Record(record.section, record.kind, record.line, json.loads(text))


AUDIENCES = """
Objects:
  Catalogs:
    - {"ID": "near", "Name": "N", "Active": true}
    - {"ID": "far", "Name": "F", "Active": true}
  Buyers:
    - {"ID": "b", "Name": "B", "Active": true, "DefaultCatalogID": "near"}
  UserGroups:
    - {"BuyerID": "b", "ID": "g", "Name": "G"}
  Categories:
    - {"CatalogID": "near", "ID": "top", "Name": "T", "Active": true}
    - {"CatalogID": "near", "ID": "below", "Name": "B", "Active": true, "ParentID": "TOP"}
    - {"CatalogID": "near", "ID": "dark", "Name": "D", "Active": false}
    - {"CatalogID": "near", "ID": "shaded", "Name": "S", "Active": true, "ParentID": "dark"}
  PriceSchedules:
    - {"ID": "ps", "Name": "P", "PriceBreaks": [{"Quantity": 1, "Price": 1}]}
  Products:
    - {"ID": "lit", "Name": "L"}
    - {"ID": "shade", "Name": "S"}
    - {"ID": "loose", "Name": "O"}
    - {"ID": "both", "Name": "B"}
    - {"ID": "nowhere", "Name": "N"}
    - {"ID": "parent", "Name": "P", "IsParent": true}
    - {"ID": "child", "Name": "C", "ParentID": "Parent"}
Assignments:
  CatalogAssignments:
    - {"CatalogID": "near", "BuyerID": "b"}
  ProductCatalogAssignment:
    - {"CatalogID": "near", "ProductID": "LOOSE"}
    - {"CatalogID": "far", "ProductID": "both"}
  CategoryProductAssignments:
    - {"CatalogID": "near", "CategoryID": "below", "ProductID": "lit"}
    - {"CatalogID": "NEAR", "CategoryID": "Shaded", "ProductID": "shade"}
    - {"CatalogID": "near", "CategoryID": "top", "ProductID": "both"}
    - {"CatalogID": "near", "CategoryID": "top", "ProductID": "parent"}
  ProductAssignments:
    - {"ProductID": "lit", "BuyerID": "b", "PriceScheduleID": "ps"}
    - {"ProductID": "loose", "BuyerID": "B", "UserGroupID": "G", "PriceScheduleID": "ps"}
"""
REWRITTEN = "SELECT n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'products'"
TOKENS = "SELECT count(DISTINCT audience), sum(cardinality(audience)) FROM products WHERE marketplace_id = $1"


async def test_vis_3_to_5_products_are_written_once_with_who_sees_them(seeds: Seeds) -> None:
    """In light and shade, loose, in several catalogs: what their rows have from the beginning is what is computed from all rows
    at the end. A child is written through its handler, and gets its parent's then.
    """
    connection = seeds.connection
    async with connection.transaction():
        # Of the transactions before, too, PostgreSQL tells as long as it has not handed on what it counted.
        before = await connection.fetchval(REWRITTEN) or 0
        marketplace = (await seeds.seed(AUDIENCES)).marketplace
        assert await connection.fetchval(REWRITTEN) - before == 1
        key = await seeds.key(marketplace)
        assert await connection.fetch(refresh("true").bound("marketplace_id"), key) == []
        assert tuple(await connection.fetchrow(TOKENS, key)) == (6, 21)


async def test_vis_3_to_5_products_that_are_written_while_assignments_are_judged_have_who_sees_them(
    seeds: Seeds, tmp_path: Path
) -> None:
    """All of them are rows, which wait for no rule."""
    connection, file = seeds.connection, tmp_path / "catalog.yml"
    catalog_marketplace.write(file, 0.003)
    async with connection.transaction():
        before = await connection.fetchval(REWRITTEN) or 0
        marketplace = (await seeds.seed(file)).marketplace
        assert (await connection.fetchval(REWRITTEN) or 0) == before
        key = await seeds.key(marketplace)
        assert await connection.fetch(refresh("true").bound("marketplace_id"), key) == []
        _, tokens = await connection.fetchrow(TOKENS, key)
        assert tokens > 0


async def test_vis_3_to_5_products_are_written_with_who_sees_them_however_assignments_are_spelled(
    seeds: Seeds,
) -> None:
    """What is noted of assignments before they are judged goes by their usual spelling; of others it is computed at the end."""
    objects, heading, assignments = AUDIENCES.partition("Assignments:\n")
    spelled = assignments.replace('"ProductID"', '"productid"').replace('"UserGroupID"', '"UserGroupId"')
    assert spelled != assignments
    key = await seeds.key((await seeds.seed(objects + heading + spelled)).marketplace)
    assert tuple(await seeds.connection.fetchrow(TOKENS, key)) == (6, 21)


async def test_asg_1_of_assignments_of_the_same_to_the_same_the_last_one_counts(seeds: Seeds) -> None:
    """However many questions an earlier one asks before it is written, and in whichever part of a chunk it is."""
    numbers = range(200)
    lines = ["Objects:", "  Catalogs:", '    - {"ID": "c", "Name": "C", "Active": true}', "  Buyers:"]
    lines += ['    - {"ID": "b", "Name": "B", "Active": true, "DefaultCatalogID": "c"}', "  PriceSchedules:"]
    lines += ['    - {"ID": "ps", "Name": "P", "PriceBreaks": [{"Quantity": 1, "Price": 1}]}', "  Products:"]
    lines += [f'    - {{"ID": "p{number}", "Name": "P"}}' for number in numbers]
    lines += ["Assignments:", "  ProductCatalogAssignment:"]
    lines += [f'    - {{"CatalogID": "c", "ProductID": "p{number}"}}' for number in numbers]
    lines += ["  CatalogAssignments:", '    - {"CatalogID": "c", "BuyerID": "b"}', "  ProductAssignments:"]
    lines += [
        f'    - {{"ProductID": "p{number}", "BuyerID": "b", "PriceScheduleID": "ps"}}' for number in numbers
    ]
    lines += [f'    - {{"productid": "P{number}", "BuyerID": "B"}}' for number in numbers[::2]]
    key = await seeds.key((await seeds.seed("\n".join(lines))).marketplace)
    prices = await seeds.connection.fetch(
        'SELECT "ProductID", "PriceScheduleID" FROM product_assignments WHERE marketplace_id = $1', key
    )
    expected = {(f"p{number}", None if number % 2 == 0 else "ps") for number in numbers}
    assert {tuple(row) for row in prices} == expected


async def test_seed_2_each_of_many_users_may_have_a_password_of_its_own(seeds: Seeds) -> None:
    """As many as are judged at the same time: no line of hashes is too long for them."""
    users = range(450)
    lines = ["Objects:", "  AdminUsers:"]
    lines += [
        f'    - {{"ID": "u{user}", "Username": "u{user}", "Password": "Of-{user}-0nly-here", "FirstName": "F",'
        f' "LastName": "L", "Email": "u{user}@example.com", "Active": true}}'
        for user in users
    ]
    made = await seeds.seed("\n".join(lines))
    hashes = await seeds.connection.fetch(
        "SELECT DISTINCT password_hash FROM users WHERE marketplace_id = $1",
        await seeds.key(made.marketplace),
    )
    assert len(hashes) == len(users)


async def test_reliability_r6_what_is_written_apart_settles_nothing_by_itself(
    seeds: Seeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused record is told by its line alone; the others of its chunk lock and compute nothing each, which would take the longer the
    more of them there are.
    """
    sent: list[str] = []
    execute: Any = asyncpg.Connection.execute

    async def noting(self: asyncpg.Connection, query: str, *args: Any, **options: Any) -> Any:
        sent.append(query)
        return await execute(self, query, *args, **options)

    monkeypatch.setattr(asyncpg.Connection, "execute", noting)
    products = "".join(f'    - {{"ID": "p{number}", "Name": "P"}}\n' for number in range(150))
    family = '    - {"ID": "parent", "Name": "P", "IsParent": true}\n    - {"ID": "child", "Name": "C", "ParentID": "parent"}\n'
    rows = [f'    - {{"CatalogID": "c", "ProductID": "p{number}"}}\n' for number in range(150)]
    rows.insert(100, '    - {"CatalogID": "c", "ProductID": "child"}\n')
    head = f'Objects:\n  Catalogs:\n    - {{"ID": "c", "Name": "C"}}\n  Products:\n{products}{family}'
    (told,) = await seeds.refusal(f"{head}Assignments:\n  ProductCatalogAssignment:\n{''.join(rows)}")
    assert told.startswith("line 259: ProductCatalogAssignment: A child product")
    written = ["INSERT INTO catalog_product_assignments" in query for query in sent]
    assert sum(written) == 150
    # What comes before the first one is of the child, which is made by itself.
    assert not [query for query in sent[written.index(True) :] if derived.is_settled(query)]
