"""Anything at all, to every uniform resource and every list: never a 5xx, always the envelope; what is taken is kept.

The examples are the same in every run. More of them, for a night: FUZZ_EXAMPLES=500.
"""

from __future__ import annotations

import json
import os
import string
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.api.envelope import check_refusal
from tests.api.marketplace import Api
from tests.api.readers import LIST_READERS
from tests.api.uniform.subjects import CREATABLE, RESOURCES, subject
from tests.api.world import KNOWN, World, area
from tests.http.driver import Answer, ask
from tests.rows import by, tabled

from entrepot.app.registry import registry
from entrepot.declare.operation import Operation
from entrepot.declare.resource import Verb

OPERATIONS = registry().operations
LISTS_OF = by(
    lambda name: area(OPERATIONS[name]),
    sorted(name for name, operation in OPERATIONS.items() if operation.lists is not None),
)
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
FEWER = EXAMPLES // 5
"""For lists whose reader has had them all elsewhere."""
FUZZ = settings(
    derandomize=True,
    database=None,
    # The server keeps what it was sent, so that a smaller example is another matter.
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)

TEXTS = st.one_of(
    st.text(max_size=20),
    st.text(st.characters(categories=["Cs", "Cc", "Cf", "Zs", "Lo"]), max_size=10),
    st.sampled_from([
        "", " ", "known", "KNOWN", "a" * 101, "a" * 2001, "{known}", "{nope}", "x{known}y{known}", "2021-02-03T04:05:06Z",
        "0000-00-00", "9999-12-31T23:59:59.9999999+00:00", "9999-12-31T23:59:59-12:00", "true", "5", "1e9", "NaN", "null",
        "*", "!*", "a|b", ">1", "!", "\\", "'", "%", "\0", "FullAccess", "Shopper", "US", "Company",
    ]),
)  # fmt: skip
NUMBERS = st.one_of(
    st.integers(), st.integers(-5, 700), st.sampled_from([2**31, 2**63, 10**30, 10**4000, -1]), st.floats()
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=8,
)


def recased(name: str, fold: int) -> str:
    return (name, name.lower(), name.upper())[fold]


def objects(names: list[str]) -> st.SearchStrategy[Any]:
    """JSON objects with properties of these names, mostly."""
    keys = st.builds(recased, st.sampled_from(names), st.sampled_from([0, 0, 0, 1, 2]))
    return st.dictionaries(st.one_of(keys, keys, keys, TEXTS), VALUES, max_size=len(names))


def texts_of(bodies: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """The JSON text of a body: as it is, cut off, or with a byte too many."""
    dumped = bodies.map(lambda body: json.dumps(body).encode())
    cut = st.tuples(dumped, st.integers(0, 60)).map(lambda pair: pair[0][: pair[1]])
    longer = st.tuples(dumped, st.binary(max_size=3)).map(lambda pair: pair[0] + pair[1])
    raw = bodies.map(lambda body: json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    return st.one_of(dumped, dumped, dumped, raw, cut, longer, st.binary(max_size=40))


def check(answer: Answer) -> None:
    if answer.status >= 400:
        check_refusal(answer.status, answer.headers, answer.body)


@pytest.mark.parametrize("name", CREATABLE)
async def test_any_body(name: str, api: Api) -> None:
    """CONV-1, ERR-1: to Create, Save and Patch; whatever is accepted can be read again, and listed."""
    things = await subject(name, api)
    token = api.token(api.admin, roles=["FullAccess"])
    made = await things.make()
    valid = await things.body()
    columns = [column.name for column in RESOURCES[name].entity.model.__columns__.values()]
    # Some of what is needed is there and right, or nearly all examples would lack it.
    whole = st.builds(lambda body: {**valid, **body}, objects(columns))
    verbs = st.sampled_from([verb for verb in ("POST", "PUT", "PATCH") if _has(name, verb)])
    url = things.url(made["ID"])
    accepted = 0

    async def run(verb: str, body: bytes) -> None:
        nonlocal url, accepted
        answer = await ask(
            api.server.app, verb, things.path if verb == "POST" else url, token=token, body=body
        )
        check(answer)
        if answer.status < 400:
            accepted += 1
            url = things.url(quote(answer.json["ID"]))
            again = await ask(api.server.app, "GET", url, token=token)
            assert (again.status, again.json) == (200, answer.json)

    await examples(EXAMPLES // 2, run, verbs, texts_of(st.one_of(objects(columns), whole, whole, VALUES)))
    assert accepted
    check(await ask(api.server.app, "GET", things.path, token=token))


async def examples(most: int, run: Any, *strategies: st.SearchStrategy[Any]) -> None:
    """Await `run` with each of so many examples. Hypothesis itself knows no coroutines."""
    drawn: list[tuple[Any, ...]] = []

    @settings(FUZZ, max_examples=most)
    @given(st.tuples(*strategies))
    def draw(values: tuple[Any, ...]) -> None:
        drawn.append(values)

    draw()
    for values in drawn:
        try:
            await run(*values)
        except Exception as error:
            error.add_note(f"with {values!r}")
            raise


def _has(name: str, verb: str) -> bool:
    wanted = {"POST": Verb.CREATE, "PUT": Verb.SAVE, "PATCH": Verb.PATCH}[verb]
    return wanted in RESOURCES[name].verbs


def queries(operation: Operation) -> st.SearchStrategy[str]:
    """Query strings of the list's own names, options and operators, and of anything else; encoded or not."""
    assert operation.returns is not None
    columns = list(operation.returns.model.__columns__)
    fields = st.sampled_from([*columns, *(["xp.a", "xp.a.b", "xp.x y"] if "xp" in columns else [])])
    own = [parameter.name for parameter in operation.query]
    options = ["page", "pageSize", "sortBy", "search", "searchOn", "searchType", "pageKey", "filters"]
    conditions = st.tuples(
        st.sampled_from(["", "", "!", ">", "<", ">=", "!<=", "!!", "*", "a|", "!*|"]), TEXTS
    ).map("".join)
    fitting = st.one_of(
        st.tuples(fields, conditions),
        st.tuples(st.just("page"), st.integers(1, 50).map(str)),
        st.tuples(st.just("pageSize"), st.integers(1, 100).map(str)),
        st.tuples(st.just("search"), TEXTS),
        st.tuples(st.just("sortBy"), st.tuples(st.sampled_from(["", "!"]), fields).map("".join)),
        *([st.tuples(st.sampled_from(own), TEXTS)] if own else []),
    )
    names = st.one_of(st.sampled_from([*options, *columns, *own, "xp"]), TEXTS)
    numbers = NUMBERS.map(lambda number: str(number) if abs(number) < 10**300 else "1e999")
    values = st.one_of(TEXTS, numbers, conditions, st.text(string.punctuation, max_size=8))
    sign, encoded = st.sampled_from(["=", "=", "=", ">", "", "=="]), st.booleans()
    pair = st.one_of(
        st.builds(_pair, fitting, st.just("="), st.just(True)),
        st.builds(_pair, fitting, st.just("="), st.just(True)),
        st.builds(_pair, st.tuples(names, values), sign, encoded),
    )
    return st.lists(pair, max_size=4).map("&".join)


def _pair(pair: tuple[str, str], sign: str, encoded: bool) -> str:
    """As a client writes it, with its values encoded or not."""
    name, value = pair
    bare = "".join(character for character in value if "!" <= character <= "~" and character not in "#?")
    return f"{quote(name, errors='replace')}{sign}{quote(value, errors='replace') if encoded else bare}"


@tabled(LISTS_OF)
async def test_any_query(name: str, api: Api, world: World) -> None:
    """LIST-1 to LIST-6, FLT-1 to FLT-8"""
    operation = OPERATIONS[name]
    await api.seller.patch(f"/v1/buyers/{KNOWN}", json={"xp": {"a": {"b": [1, "x", None]}}})
    token, url = world.token(operation), await world.url(operation)
    pages = 0

    async def run(query: str) -> None:
        nonlocal pages
        answer = await ask(api.server.app, "GET", f"{url}?{query}", token=token)
        check(answer)
        if answer.status == 200:
            pages += 1
            assert answer.json.keys() == {"Meta", "Items"}
            assert len(answer.json["Items"]) <= answer.json["Meta"]["PageSize"] <= 100

    await examples(EXAMPLES if name in LIST_READERS.values() else FEWER, run, queries(operation))
    assert pages
