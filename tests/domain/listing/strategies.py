"""Generated people and generated queries over them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st
from tests.domain.listing.people import PEOPLE, STATUSES, person

# Letters whose case is special, what LIKE and the filter grammar treat specially, and texts that look like other types.
SPECIAL = "aAbBéÉßẞİıiIΣσςǅKkÅ😀%_\\!*|<>=&+#;,.-'\"0 9\t\n\u0301\ufffd"
LOOKALIKES = (
    *("true", "FALSE", "null", "0", "-0.0", "26", "26.0", "1e2", "1E+999", "+5.", ".5", "Infinity", "NaN"),
    *("2019-05-01", "2019-05-01T10:00Z", "2019-05-01 10:00:30.1234567+02:00", "2020-02-29", "2019-02-29"),
    *("2019-05-01T12:00", "2019-13-01", "9999-12-31", "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+14"),
    *(
        "2019-05-01T24:00",
        "2019-05-01T11:30+02:00",
        "2019-05-01t10:00",
        "2019-5-1",
        "1/31/2020",
        "Open",
        "open",
        "[]",
        "{}",
        "$.a",
        "lax $",
        "",
        "*",
        "!",
    ),
)
characters = st.one_of(
    st.sampled_from(SPECIAL),
    st.characters(exclude_categories=("Cs", "Cn"), exclude_characters="\0"),
)
texts = st.one_of(
    st.text(st.sampled_from("aAbiIİ%_\\*"), max_size=3),
    st.sampled_from(LOOKALIKES),
    st.text(characters, max_size=6),
)
keys = st.one_of(st.sampled_from(("a", "b", "A", "k")), st.text(characters, min_size=1, max_size=3))
decimals = st.one_of(
    st.sampled_from([Decimal(each) for each in ("0", "-0.0", "26", "26.00", "1E+2", "0.5", "-3", "1E-7")]),
    st.decimals(min_value=-1000, max_value=1000, places=2),
)
instants = st.one_of(
    st.sampled_from([datetime(2019, 5, 1, tzinfo=UTC), datetime(2019, 5, 1, 10, 0, 0, 123000, tzinfo=UTC)]),
    st.datetimes(timezones=st.just(UTC)).map(
        lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    ),
)
scalars: st.SearchStrategy[Any] = st.one_of(st.none(), st.booleans(), decimals, texts)
xp_values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)
xp_objects = st.none() | st.dictionaries(keys, xp_values, max_size=4)


def optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


addresses = st.fixed_dictionaries(
    {},
    optional={
        "City": optional(texts),
        "Floor": optional(st.integers(-3, 30)),
        "Since": optional(instants),
        "Shared": optional(st.booleans()),
        "Status": optional(st.sampled_from(STATUSES)),
        "xp": xp_objects,
    },
)
price_breaks = st.fixed_dictionaries(
    {}, optional={"Name": optional(texts), "Price": optional(decimals), "xp": xp_objects}
)
values = {
    "LastName": optional(texts),
    "FirstName": optional(texts),
    "CompanyID": optional(st.text("aAbB-_0", min_size=1, max_size=3)),
    "Status": optional(st.sampled_from(STATUSES)),
    "Active": optional(st.booleans()),
    "Quantity": optional(st.sampled_from([0, 5, -1, 26, 2**31 - 1, -(2**31)])),
    "Total": optional(decimals),
    "DateCreated": optional(instants),
    "Roles": optional(st.lists(texts, max_size=3)),
    "Address": optional(addresses),
    "Breaks": optional(st.lists(price_breaks, max_size=3)),
    "xp": xp_objects,
}
ids = st.lists(st.text("aAbBzZ09-_", min_size=1, max_size=3), max_size=6, unique_by=str.lower)


@st.composite
def people(draw: st.DrawFn) -> list[dict[str, Any]]:
    return [person(id_, **draw(st.fixed_dictionaries(values))) for id_ in draw(ids)]


def leaves(value: Any) -> list[str]:
    """Every key and every scalar of a value, as text."""
    if isinstance(value, dict):
        return [text for key, each in value.items() for text in (key, *leaves(each))]
    if isinstance(value, list):
        return [text for each in value for text in leaves(each)]
    return [] if value is None else [str(value)]


def paths(value: Any, prefix: str) -> list[str]:
    """The dotted paths into a value, lists passed over."""
    if isinstance(value, list):
        return [path for each in value for path in paths(each, prefix)]
    if isinstance(value, dict):
        return [prefix, *(path for key, each in value.items() for path in paths(each, f"{prefix}.{key}"))]
    return [prefix]


NATIVE = (
    *("ID", "LastName", "FirstName", "CompanyID", "Status", "Active", "Quantity", "Total", "DateCreated"),
    *("Roles", "Address", "Address.City", "Address.Floor", "Address.Since", "Address.Shared"),
    *("Address.Status", "Breaks", "Breaks.Name", "Breaks.Price", "xp"),
)
SIGNS = ("", "", "!", "!!", ">", ">=", "=>", "<", "<=", "!>", "!<", "!>=", "!<=", "=", "!=")
SCALAR_SORTS = PEOPLE.sort or ()


@st.composite
def operands(draw: st.DrawFn, known: list[str]) -> str:
    """Text from the items or near it, some of it escaped, some of it cut by wildcards."""
    near = st.sampled_from(known) if known else texts
    text = draw(st.one_of(near, near, texts))
    text = draw(st.sampled_from((text, text.swapcase(), text[:2], text[1:])))
    if draw(st.booleans()):
        text = "".join(f"\\{character}" if character in "\\|*!<>=" else character for character in text)
    return draw(
        st.sampled_from((text, text, f"{text}*", f"*{text}", f"*{text}*", f"{text[:1]}*{text[1:]}", "*", ""))
    )


@st.composite
def filters(draw: st.DrawFn, items: list[dict[str, Any]]) -> str:
    xp_paths = [
        path for item in items for name in ("xp", "Address.xp", "Breaks.xp") for path in _xp_paths(item, name)
    ]
    name = draw(st.sampled_from((*NATIVE, "xp.nope")) | st.sampled_from(xp_paths or ["xp.a"]))
    known = [text for item in items for text in leaves(_at(item, name))]
    alternatives = [
        draw(st.sampled_from(SIGNS)) + draw(operands(known)) for _ in range(draw(st.integers(1, 3)))
    ]
    return f"{quote(name)}={quote('|'.join(alternatives))}"


@st.composite
def queries(draw: st.DrawFn, items: list[dict[str, Any]]) -> str:
    """A query string with filters, a search, a sort and a page, each now and then."""
    pairs = draw(st.lists(filters(items), max_size=3))
    xp_paths = [path for item in items for path in _xp_paths(item, "xp")] or ["xp.a"]
    if draw(st.integers(0, 3)) == 0:
        known = [text for item in items for text in leaves([item["LastName"], item["xp"], item["ID"]])]
        phrase = draw(st.sampled_from(known) if known else texts)
        pairs.append(f"search={quote(draw(st.sampled_from((phrase, phrase[1:], phrase.upper()))))}")
        if draw(st.booleans()):
            pairs.append(f"searchOn={quote(draw(st.sampled_from(('lastname', 'ID,FirstName', *xp_paths))))}")
    if draw(st.booleans()):
        names = draw(st.lists(st.sampled_from((*SCALAR_SORTS, *xp_paths)), min_size=1, max_size=3))
        pairs.append("sortBy=" + quote(",".join(draw(st.sampled_from(("", "!"))) + name for name in names)))
    if draw(st.booleans()):
        pairs.append(f"page={draw(st.integers(1, 3))}&pageSize={draw(st.integers(1, 3))}")
    return "&".join(draw(st.permutations(pairs)))


def _xp_paths(item: dict[str, Any], name: str) -> list[str]:
    return [path for path in paths(_at(item, name), name) if path != name]


def _at(item: Any, name: str) -> Any:
    """What lies at a dotted path, roughly: enough to know which texts are worth asking for."""
    for part in name.split("."):
        if isinstance(item, list):
            item = next((each for each in item if isinstance(each, dict) and part in each), None)
        item = item.get(part) if isinstance(item, dict) else None
    return item
