"""Between wire values and database rows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec import Raw

from entrepot.declare.entity import Entity
from entrepot.declare.resource import Hooks, Resource
from entrepot.declare.wire import Wire
from entrepot.engine.wire.json import dump, load
from entrepot.engine.wire.render import Renderer, Row, has_secrets
from entrepot.storage.listing.fetch import ItemPage
from entrepot.storage.listing.prewritten import PREWRITTEN, Texts, filled

_renderers: dict[type[Wire], Renderer] = {}


def renderer(model: type[Wire]) -> Renderer:
    """The renderer of a model, made once."""
    known = _renderers.get(model)
    if known is None:
        known = _renderers[model] = Renderer(model)
    return known


@lru_cache(maxsize=1024)
def json_columns(entity: Entity) -> frozenset[str]:
    """Columns that hold JSON text: xp, nested objects, lists of objects."""
    names = {
        c.name
        for c in entity.model.__columns__.values()
        if c.type.kind in ("xp", "object")
        or (c.type.item is not None and c.type.item.kind in ("object", "xp"))
    }
    return frozenset(names | {s.name for s in entity.stored if s.type == "json"})


def render(call: Any, resource: Resource, row: Row) -> dict[str, Any]:
    """A selected row as the wire shows it."""
    item: dict[str, Any] = renderer(resource.entity.model).render(row)
    if resource.hooks.shows:
        item.update((name, row[name]) for name in resource.hooks.shows)
        resource.hooks.present(call, item)
    return item


async def common_texts(call: Any, resource: Resource) -> Texts | None:
    """What completes rows of the resource that keep their text, to be read before them; None where they keep none."""
    return None if resource.prewritten is None else await resource.prewritten.texts(call)


def complete(call: Any, resource: Resource, row: Row, texts: Texts) -> Any:
    """A row that keeps its text, as the wire shows it: the text itself, but where the hooks have something to do."""
    text = filled(row[PREWRITTEN].encode(), texts)
    shown = {name: row[name] for name in resource.hooks.shows}
    if all(value is None for value in shown.values()):
        return text
    item = load(text) | shown
    resource.hooks.present(call, item)
    return item


def item_properties(resource: Resource) -> tuple[str, ...]:
    """The properties that the database makes the JSON text of a list's rows of (Source.item); none where it cannot.

    It cannot where objects hold secrets, or where the resource's hooks complete every row.
    """
    hooks, columns = resource.hooks, resource.columns
    completes = type(hooks).present is not Hooks.present and hooks.presents_nulls
    if completes or any(has_secrets(column.type) for column in columns):
        return ()
    return tuple(column.name for column in columns)


def render_items(call: Any, resource: Resource, page: ItemPage) -> Any:
    """The items of a page whose source has an item: their text, read and completed only where the hooks have to."""
    hooks = resource.hooks
    shown = [(name, page.row[name]) for name in hooks.shows]
    if all(values is None for _, values in shown):
        return Raw(page.items)
    items = load(page.items)
    for place, item in enumerate(items):
        item.update((name, None if values is None else values[place]) for name, values in shown)
        hooks.present(call, item)
    return items


def to_row(entity: Entity, values: Mapping[str, Any]) -> dict[str, Any]:
    """Wire values as statement arguments: JSON columns as text."""
    row = dict(values)
    for name in json_columns(entity):
        value = row.get(name)
        if value is not None:
            row[name] = dump(value)
    return row


def differs(value: Any, kept: Any) -> bool:
    """Whether a stored value has changed, where JSON values are replaced and never changed inside."""
    # To Python 1 equals true, and the order of keys is nothing: JSON that is another object counts as changed.
    return value is not kept and (isinstance(value, dict | list) or value != kept)


def changed(value: Any, kept: Any) -> bool:
    """The same of values that were read anew: objects and lists are compared by their text."""
    if isinstance(value, dict | list) and isinstance(kept, dict | list):
        return dump(value) != dump(kept)
    return bool(value != kept)


def from_row(entity: Entity, row: Row) -> dict[str, Any]:
    """A stored row as values that can be merged and compared."""
    json = json_columns(entity)
    return {name: load(value) if name in json and value is not None else value for name, value in row.items()}
