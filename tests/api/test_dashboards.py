"""Dashboards: figures over time, compared with a plain count of the rows that a test has made."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.api.large_world import check_plans, large_world
from tests.api.marketplace import Api, Server, codes
from tests.api.shop import line_of, open_shop, order_of, submitted
from tests.api.test_catalog_plans import recorded

from entrepot.app.settings import Settings
from entrepot.domain.dashboards.spans import Span
from entrepot.features.trade.dashboards import looking
from entrepot.kernel.clock import parse_datetime

PATH = "/entrepot/v1/dashboards"
ALL = ("orders", "products", "carts", "traffic", "deliveries")
NOW = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)
SPANS = (
    {"from": "2026-05-20T14:30:00Z", "to": "2026-05-20T15:30:00Z"},
    {"from": "2026-05-19T15:30:00Z", "to": "2026-05-20T15:30:00Z", "offset": "120"},
    {"from": "2026-05-13T15:30:00Z", "to": "2026-05-20T15:30:00Z", "offset": "-570"},
    {"from": "2026-04-20", "to": "2026-05-20T15:30:00+00:00", "offset": "840"},
    {"from": "2025-05-20", "to": "2026-05-20", "offset": "330"},
)
ORDER = """
INSERT INTO orders (marketplace_id, "ID", "FromCompanyID", "ToCompanyID", "Status", "IsSubmitted", "DateCreated", "DateSubmitted",
    "Currency", "Total", "LineItemCount", from_seller, to_seller)
VALUES ($1, $2, 'B', 'S', $3, $4, $5, $6, $7, $8, $9, $10, true) RETURNING key
"""
LINE = """
INSERT INTO line_items (marketplace_id, order_key, "ID", "ProductID", "Quantity", "LineTotal", "IsBundle", "Product")
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
LOGGED = """
INSERT INTO logged_requests (marketplace_id, "ID", created_at, request_id, operation, method, path, status, microseconds, count)
VALUES ($1, $2, $3, 'r', $4, 'GET', '/', $5, $6, $7)
"""
DELIVERY = """
INSERT INTO deliveries (marketplace_id, "ID", kind, integration, integration_id, target, endpoint, lane, aggregate, status, log,
    request_id, told_at, created_at, ended_at)
VALUES ($1, $2, 'K', $3, $4, 'Url', 'e', '', 'a', $5, '[]', '', $6, $6, $6)
"""
STATUSES = ("Unsubmitted", "AwaitingApproval", "Open", "Completed", "Canceled")


@dataclass(frozen=True)
class Line:
    product: str
    quantity: int
    total: Decimal
    bundle: bool


@dataclass(frozen=True)
class Order:
    status: str
    created: datetime
    submitted: datetime | None
    currency: str | None
    total: Decimal
    lines: tuple[Line, ...]
    from_seller: bool

    @property
    def is_submitted(self) -> bool:
        return self.status != "Unsubmitted"


def some_time(random_: random.Random) -> datetime:
    """The nearer to now, the likelier."""
    return NOW - timedelta(seconds=int(380 * 86400 * random_.random() ** 6))


def some_order(random_: random.Random) -> Order:
    status = random_.choice(STATUSES)
    created = some_time(random_)
    has_date = status in ("Open", "Completed", "Canceled")
    lines = tuple(
        Line(
            f"P{random_.randrange(14)}",
            random_.randrange(1, 9),
            Decimal(random_.randrange(10_000)) / 100,
            random_.random() < 0.1,
        )
        for _ in range(random_.randrange(4))
    )
    return Order(
        status,
        created,
        created + timedelta(minutes=random_.randrange(90)) if has_date else None,
        random_.choice((None, "EUR", "USD", "USD")),
        Decimal(random_.randrange(100_000)) / 100,
        lines,
        random_.random() < 0.1,
    )


async def keep(api: Api, orders: Iterable[Order]) -> None:
    for number, each in enumerate(orders):
        key = await api.value(
            ORDER,
            f"o{number}",
            each.status,
            each.is_submitted,
            each.created,
            each.submitted,
            each.currency,
            each.total,
            len(each.lines),
            each.from_seller,
        )
        for place, line in enumerate(each.lines):
            name = json.dumps({"Name": f"Name of {line.product}"})
            await api.execute(
                LINE, key, f"l{place}", line.product, line.quantity, line.total, line.bundle, name
            )


async def ask(http: httpx.AsyncClient, which: str, **query: str) -> dict[str, Any]:
    answer = await http.get(f"{PATH}/{which}", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = json.loads(answer.text, parse_float=Decimal)
    return found


def span_of(query: dict[str, str]) -> Span:
    start, end = parse_datetime(query["from"]), parse_datetime(query["to"])
    return Span.of(start, end, int(query.get("offset", 0)), NOW)


def within(span: Span, moment: datetime | None) -> bool:
    return moment is not None and span.start <= moment < span.end


def at(point: dict[str, Any]) -> datetime:
    return parse_datetime(point["Date"])


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_orders_products_and_carts_are_what_is_counted_by_hand(api: Api, other: Api, seed: int) -> None:
    """In every kind of span, whatever the place's offset; another marketplace's are nobody's."""
    random_ = random.Random(seed)
    orders = [some_order(random_) for _ in range(150)]
    await keep(api, orders)
    await keep(other, [some_order(random_) for _ in range(20)])
    for query in SPANS:
        span = span_of(query)
        sold = [each for each in orders if within(span, each.submitted) and not each.from_seller]
        found = await ask(api.seller, "orders", **query)
        assert (parse_datetime(found["From"]), parse_datetime(found["To"])) == (span.start, span.end)
        assert (found["BucketSeconds"], found["IsPartial"]) == (span.width.total_seconds(), False)
        assert {each["Currency"] for each in found["Series"]} == {each.currency for each in sold}
        for series in found["Series"]:
            mine = [each for each in sold if each.currency == series["Currency"]]
            good = [each for each in mine if each.status != "Canceled"]
            assert (series["Orders"], series["Canceled"]) == (len(good), len(mine) - len(good))
            assert series["Revenue"] == sum(each.total for each in good)
            assert [at(point) for point in series["Points"]] == span.buckets()
            for point in series["Points"]:
                these = [
                    each for each in good if each.submitted and span.bucket_of(each.submitted) == at(point)
                ]
                assert (point["Orders"], point["Revenue"]) == (len(these), sum(each.total for each in these))
        await check_products(api, query, [each for each in sold if each.status != "Canceled"])
        begun = [each for each in orders if within(span, each.created) and not each.from_seller]
        carts = await ask(api.seller, "carts", **query)
        assert {name: carts[name] for name in ("Begun", "Filled", "Submitted")} == {
            "Begun": len(begun),
            "Filled": sum(1 for each in begun if each.lines),
            "Submitted": sum(1 for each in begun if each.is_submitted),
        }
        per_bucket = Counter(span.bucket_of(each.created) for each in begun)
        assert {at(point): point["Begun"] for point in carts["Points"]} == {
            each: per_bucket[each] for each in span.buckets()
        }


async def check_products(api: Api, query: dict[str, str], sold: list[Order]) -> None:
    figures: dict[tuple[str | None, str], list[Any]] = defaultdict(lambda: [0, Decimal(0), set()])
    for order in sold:
        for line in order.lines:
            if not line.bundle:
                of = figures[order.currency, line.product]
                of[0] += line.quantity
                of[1] += line.total
                of[2].add(id(order))
    found = (await ask(api.seller, "products", **query))["Products"]
    for currency in {order.currency for order in sold}:
        ranked = sorted(
            (
                (-revenue, -quantity, product, len(in_orders))
                for (of, product), (quantity, revenue, in_orders) in figures.items()
                if of == currency
            ),
        )[:10]
        assert [
            (-each["Revenue"], -each["Quantity"], each["ProductID"], each["Orders"])
            for each in found
            if each["Currency"] == currency
        ] == ranked
    assert all(each["Name"] == f"Name of {each['ProductID']}" for each in found)


@pytest.mark.parametrize("counts", [(1,), (1, 1, 2, 7, 40)])
async def test_traffic_and_deliveries_are_what_is_counted_by_hand(
    api: Api, other: Api, counts: tuple[int, ...]
) -> None:
    """Also of a log whose rows stand for several requests each."""
    random_ = random.Random(4)
    logged = [
        (some_time(random_), f"Op.{random_.randrange(30)}", random_.choice((200, 201, 404, 400, 500)), n * 37)
        for n in range(400)
    ]
    for number, row in enumerate(logged):
        await api.execute(LOGGED, f"r{number}", *row, counts[number % len(counts)])
    logged = [row for number, row in enumerate(logged) for _ in range(counts[number % len(counts)])]
    await other.execute(LOGGED, "r", NOW - timedelta(seconds=1), "Op.x", 200, 1, 1)
    sent = [
        (
            random_.choice(("Webhook", "MessageSender")),
            f"W{random_.randrange(3)}",
            random_.choice(("Delivered", "Failed", "Queued", "Retrying", "Cancelled")),
            some_time(random_),
        )
        for _ in range(200)
    ]
    for number, delivery in enumerate(sent):
        await api.execute(DELIVERY, f"d{number}", *delivery)
    hooks = api.as_(api.admin, roles=["WebhookAdmin"])
    for query in SPANS:
        span = span_of(query)
        found = await ask(api.seller, "traffic", **query)
        mine = [row for row in logged if within(span, row[0])]
        assert (found["Requests"], found["Refused"], found["Failed"]) == counted(row[2] for row in mine)
        assert (found["IsSampled"], found["IsPartial"]) == (counts != (1,), False)
        for point in found["Points"]:
            these = [row[2] for row in mine if span.bucket_of(row[0]) == at(point)]
            assert (point["Requests"], point["Refused"], point["Failed"]) == counted(these)
        assert [at(point) for point in found["Points"]] == span.buckets()
        by_operation = Counter(row[1] for row in mine)
        ranked = sorted(by_operation, key=lambda name: (-by_operation[name], name))[:20]
        assert [each["Operation"] for each in found["Operations"]] == ranked
        for each in found["Operations"]:
            took = sorted(row[3] for row in mine if row[1] == each["Operation"])
            assert each["Slowest"] == Decimal(took[-1]) / 1000
            assert each["Median"] == Decimal(took[-(-len(took) // 2) - 1]) / 1000
            assert each["Slow"] == Decimal(took[-(-len(took) * 95 // 100) - 1]) / 1000
        for http, seen in ((api.seller, ("Webhook", "MessageSender")), (hooks, ("Webhook",))):
            shown = await ask(http, "deliveries", **query)
            theirs = [row for row in sent if within(span, row[3]) and row[0] in seen]
            standing = Counter("Waiting" if row[2] in ("Queued", "Retrying") else row[2] for row in theirs)
            for name in ("Delivered", "Failed", "Waiting", "Cancelled"):
                assert shown[name] == standing[name] == sum(point[name] for point in shown["Points"])
                assert shown[name] == sum(each[name] for each in shown["Targets"])
            assert {each["Integration"] for each in shown["Targets"]} == {row[0] for row in theirs}


def counted(statuses: Iterable[int]) -> tuple[int, int, int]:
    statuses = list(statuses)
    refused = sum(1 for status in statuses if 400 <= status < 500)
    return len(statuses), refused, sum(1 for status in statuses if status >= 500)


async def test_an_order_of_a_shopper_is_in_all_figures(api: Api) -> None:
    """From cart to submit, by the API, within the last day, which is what is shown by itself."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10), Name="Product P")
    _, http = await shop.shopper()
    await order_of(http, ID="left")
    await order_of(http, ID="bought")
    await line_of(http, "bought", "P", 3)
    await submitted(http, "bought")
    orders = await ask(api.seller, "orders")
    assert [(each["Orders"], each["Revenue"]) for each in orders["Series"]] == [(1, 30)]
    assert orders["BucketSeconds"] == 3600
    products = (await ask(api.seller, "products"))["Products"]
    assert [(each["ProductID"], each["Name"], each["Quantity"], each["Revenue"]) for each in products] == [
        ("P", "Product P", 3, 30)
    ]
    carts = await ask(api.seller, "carts")
    assert (carts["Begun"], carts["Filled"], carts["Submitted"]) == (2, 1, 1)
    for which in ("traffic", "deliveries"):
        assert (
            sum(
                sum(point[name] for name in point if name != "Date")
                for point in (await ask(api.seller, which))["Points"]
            )
            == 0
        )


@pytest.mark.parametrize("which", ALL)
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"from": "yesterday"}, "List.InvalidType"),
        ({"to": "2026-13-01"}, "List.InvalidType"),
        ({"offset": "x"}, "List.InvalidType"),
        ({"offset": "1e3"}, "List.InvalidType"),
        ({"offset": "841"}, "ValidationFailure"),
        ({"offset": "-841"}, "ValidationFailure"),
        ({"from": "2026-01-02", "to": "2026-01-02"}, "ValidationFailure"),
        ({"from": "2026-01-02", "to": "2026-01-01"}, "ValidationFailure"),
        ({"from": "2025-01-01", "to": "2026-05-01"}, "ValidationFailure"),
        ({"to": "0001-01-01"}, "ValidationFailure"),
        ({"from": "9999-12-31T23:59:59Z"}, "ValidationFailure"),
        ({"to": "9999-12-31T23:59:59Z"}, "ValidationFailure"),
        ({"from": "0001-01-01", "to": "0001-02-01"}, "ValidationFailure"),
    ],
)
async def test_bad_input(api: Api, which: str, query: dict[str, str], code: str) -> None:
    answer = await api.seller.get(f"{PATH}/{which}", params=query)
    assert (answer.status_code, codes(answer)) == (400, [code])


ROLES = {
    "orders": ("OrderReader", "OrderAdmin"),
    "products": ("OrderReader", "OrderAdmin"),
    "carts": ("OrderReader", "OrderAdmin"),
    "traffic": (),
    "deliveries": ("WebhookAdmin", "DeliveryConfigAdmin"),
}


@pytest.mark.parametrize("which", ALL)
async def test_who_sees_them(api: Api, which: str) -> None:
    """Users of the seller, with the role that administers what is counted."""
    for role in (
        "OrderReader",
        "OrderAdmin",
        "WebhookAdmin",
        "DeliveryConfigAdmin",
        "Shopper",
        "ProductAdmin",
    ):
        answer = await api.as_(api.admin, roles=[role]).get(f"{PATH}/{which}")
        assert answer.is_success == (role in ROLES[which]), role
        assert answer.is_success or codes(answer) == ["Auth.InsufficientRoles"]
    buyer = await api.user(buyer=await api.buyer())
    supplier = await api.user(supplier=await api.supplier())
    for user in (buyer, supplier):
        refused = await api.as_(user, roles=["FullAccess"]).get(f"{PATH}/{which}")
        assert codes(refused) == ["Auth.UserNotAuthorizedToAdmin"]


async def test_what_takes_too_long_is_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the database itself, which is told how long it may take."""
    monkeypatch.setattr(looking, "MOST_SECONDS", 0.001)
    monkeypatch.setattr("entrepot.features.trade.dashboards.serving.TRAFFIC", "SELECT pg_sleep(5), $1::bigint, $2::timestamptz, $3::timestamptz, $4::interval, $5::timestamptz")  # fmt: skip
    answer = await api.seller.get(f"{PATH}/traffic")
    assert (answer.status_code, codes(answer)) == (400, ["Dashboard.TooBroad"])


LARGE = {"orders", "line_items", "logged_requests", "deliveries"}
MANY = (
    """
    INSERT INTO orders (marketplace_id, "ID", "FromCompanyID", "ToCompanyID", "Status", "IsSubmitted", "DateCreated",
        "DateSubmitted", "Currency", "Total", "LineItemCount", to_seller)
    SELECT m, 'o' || n, 'B', 'S', CASE WHEN n % 3 = 0 THEN 'Unsubmitted' ELSE 'Open' END, n % 3 <> 0,
        $1::timestamptz - n * interval '1 hour', CASE WHEN n % 3 <> 0 THEN $1::timestamptz - n * interval '1 hour' END,
        'USD', n, 2, true
    FROM generate_series($2::bigint, $2::bigint + 9) m, generate_series(1, 3000) n
    """,
    """
    INSERT INTO line_items (marketplace_id, order_key, "ID", "ProductID", "Quantity", "LineTotal")
    SELECT o.marketplace_id, o.key, 'l' || n, 'P' || n, 1, 1 FROM orders o, generate_series(1, 2) n
    WHERE $1::timestamptz IS NOT NULL AND $2::bigint IS NOT NULL
    """,
    """
    INSERT INTO logged_requests (marketplace_id, "ID", created_at, request_id, operation, method, path, status, microseconds)
    SELECT m, n::text, $1::timestamptz - n * interval '1 minute', 'r', 'Op.' || n % 30, 'GET', '/', 200, n
    FROM generate_series($2::bigint, $2::bigint + 9) m, generate_series(1, 3000) n
    """,
    """
    INSERT INTO deliveries (marketplace_id, "ID", kind, integration, integration_id, target, endpoint, lane, aggregate, status, log,
        request_id, told_at, created_at, ended_at)
    SELECT m, n::text, 'K', 'Webhook', 'W', 'Url', 'e', '', 'a', 'Delivered', '[]', '', $1, $1::timestamptz - n * interval '1 minute',
        $1::timestamptz
    FROM generate_series($2::bigint, $2::bigint + 9) m, generate_series(1, 3000) n
    """,
)


@pytest.fixture(scope="module")
async def large(
    settings: Settings, postgres: str, template_database: str
) -> AsyncIterator[tuple[Server, Api]]:
    """Ten marketplaces of the same size, of which one exists."""
    async with large_world(settings, postgres, template_database, "dashboards", MANY, NOW) as world:
        yield world


@pytest.mark.parametrize("which", ALL)
async def test_none_reads_a_large_table_from_end_to_end(
    large: tuple[Server, Api], monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    """EXPLAIN of each of its statements, planned by its arguments and for any."""
    server, api = large
    with recorded(monkeypatch) as statements:
        await ask(api.seller, which, **{"from": "2026-05-18", "to": "2026-05-20"})
    read = [each for each in statements if any(table in each[0] for table in LARGE)]
    assert read
    async with server.database.acquire() as connection:
        await check_plans(connection, read, LARGE)


@pytest.mark.parametrize("which", ALL)
async def test_of_more_than_is_looked_at_the_newest_is_shown(
    large: tuple[Server, Api], monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    """MOST_ROWS is in the statements: less of it, and the answer says that it is partial."""
    _, api = large
    query = {"from": "2026-05-10", "to": "2026-05-20"}
    assert (await ask(api.seller, which, **query))["IsPartial"] is False
    for name in ("orders", "serving"):
        module = f"entrepot.features.trade.dashboards.{name}"
        for statement in (
            "REVENUE",
            "PRODUCTS",
            "CARTS",
            "TRAFFIC",
            "BY_OPERATION",
            "DELIVERIES",
            "BY_TARGET",
        ):
            found = getattr(__import__(module, fromlist=[statement]), statement, None)
            if found is not None:
                fewer = found.replace(f"LIMIT {looking.MOST_ROWS}", "LIMIT 20")
                monkeypatch.setattr(f"{module}.{statement}", fewer)
    monkeypatch.setattr(looking, "MOST_ROWS", 20)
    assert (await ask(api.seller, which, **query))["IsPartial"] is True
