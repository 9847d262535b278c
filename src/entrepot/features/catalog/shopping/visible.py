"""The SQL of what a shopper sees (VIS), over a row `t` of products; parameters are named, as lists take them."""

from __future__ import annotations

from typing import Any

from entrepot.features.catalog.audience.shopper import PARTS, SHORT_PARTS, Shopper, Tokens

CATALOG_EPOCH = "SELECT ce.epoch FROM catalog_epochs ce WHERE ce.marketplace_id = :marketplace_id"
BY_TOKENS = """arrayoverlap(CAST(:{p}inside AS bigint[]), {t}.audience) AND (
    arrayoverlap(CAST(:{p}sure AS bigint[]), {t}.audience)
    OR (arrayoverlap(CAST(:{p}listed AS bigint[]), {t}.audience)
        AND (NOT arrayoverlap(CAST(:{p}hidden AS bigint[]), {t}.audience)
             OR arrayoverlap((SELECT CAST(CAST(:{p}shown AS text) AS bigint[])), {t}.audience))))"""
"""As a call of the function, not as the operator `&&`, so that the planner takes the condition for one that many rows
meet, and follows the index of the order. The long arrays come first: the comparison ends with the first match. The longest is sent as the text of an array, which
is made once for a shopper, and read by a SELECT of its own, once for a statement.
"""
ITSELF = f'{{t}}."Active" AND {BY_TOKENS}'
WITH_ITS_PRODUCTS = """{itself} AND (NOT t."IsBundle" OR NOT EXISTS (
    SELECT 1 FROM bundle_product_assignments held
    LEFT JOIN products part ON part.marketplace_id = :marketplace_id AND part."ID" = held."ProductID" AND {part}
    WHERE held.marketplace_id = :marketplace_id AND held."BundleID" = t."ID" AND part."ID" IS NULL))"""
"""BND-2: a bundle only together with all of its products, wherever these are visible."""
VISIBLE = WITH_ITS_PRODUCTS.format(itself=ITSELF.format(t="t", p=""), part=ITSELF.format(t="part", p=""))
"""The condition that `t` is visible."""
VISIBLE_IN_CATALOG = WITH_ITS_PRODUCTS.format(
    itself=ITSELF.format(t="t", p=""), part=ITSELF.format(t="part", p="all_")
)
"""The same in one catalog, whose tokens are the parameters without prefix."""
FEW = "t.audience && (SELECT CAST(:any_of AS bigint[]))"
"""Beside VISIBLE, where few products are: from the index of the tokens. Behind a SELECT, so that the planner, which
would estimate the tokens of each request, plans the statement once."""


LONG = ("shown", "all_shown")
NONE = "{}"


def without_long(values: dict[str, Any]) -> dict[str, Any] | None:
    """The same parameters without the long arrays, which take longer to send than a product to read; None if they are
    short. What is visible by these is visible; what is not may be so by all of them, since more tokens only show more.
    """
    short = {name: NONE for name in LONG if values.get(name, NONE) != NONE}
    return values | short if short else None


_ARRAYS = ("groups", *SHORT_PARTS, *(f"all_{name}" for name in SHORT_PARTS))


def with_texts(sql: str) -> str:
    """A statement of few rows with VISIBLE or prices, for the values of `scope_in_texts`. The driver looks at each element of an array
    several times (20 us for a shopper's); the database reads a text as fast, but anew for each row.
    """
    for name in _ARRAYS:
        sql = sql.replace(f"CAST(:{name} AS bigint[])", f"CAST(CAST(:{name} AS text) AS bigint[])")
    return sql


def scope_in_texts(shopper: Shopper, tokens: Tokens) -> dict[str, Any]:
    """As `scope`, with all arrays as texts, which are made once for a shopper."""
    everywhere = shopper.audience.tokens(None)
    if everywhere is tokens:
        return shopper.texts.copy()
    values = shopper.texts | tokens.texts
    return values | {f"all_{name}": text for name, text in everywhere.texts.items()}


def scope(shopper: Shopper, tokens: Tokens) -> dict[str, Any]:
    """The values of the parameters of VISIBLE and of prices."""
    values: dict[str, Any] = {name: getattr(tokens, name) for name in PARTS}
    values["shown"] = tokens.shown_text
    everywhere = shopper.audience.tokens(None)
    if everywhere is not tokens:
        values |= {f"all_{name}": getattr(everywhere, name) for name in PARTS}
        values["all_shown"] = everywhere.shown_text
    return values | of_shopper(shopper)


def of_shopper(shopper: Shopper) -> dict[str, Any]:
    """The values of the parameters of prices and of stock alone."""
    return {"buyer": shopper.buyer, "groups": shopper.groups, "currency": shopper.currency}
