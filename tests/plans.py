"""Reading what EXPLAIN (FORMAT JSON) tells."""

import json
from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]


def nodes_of(explained: str) -> list[Node]:
    """All nodes of a statement's plan."""
    return list(_below(json.loads(explained)[0]["Plan"]))


def _below(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("Plans", ()):
        yield from _below(child)
