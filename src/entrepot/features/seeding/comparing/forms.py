"""Records in the form in which they are compared. Here stands all that says when two of them mean the same.

A record is read as the API would read it: validated, with its defaults, brought into the form that is stored, and shown as a GET
would show it. What a file need not say, what is made anew in each marketplace and what nobody can read is left out:

- read-only properties, but for those that a seed reads (Kind.keeps);
- passwords and other properties that are never shown, and secrets (Kind.secrets);
- the marketplace's own ID, in whose place stands MARKETPLACE;
- what the server makes where nobody says it (UNSAID, implied_by).

API clients have IDs of their own in each marketplace: see clients.py.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from functools import lru_cache
from typing import Any

from entrepot.declare.registry import Registry
from entrepot.domain.differences.values import ABSENT, Difference, Path
from entrepot.engine.parties import with_levels
from entrepot.engine.rows import renderer
from entrepot.engine.wire.models import check_xp_size, validate
from entrepot.features.seeding.batches import Batch
from entrepot.features.seeding.kinds import Kind
from entrepot.features.seeding.looks import looks_of
from entrepot.features.seeding.marketplace_records import plain
from entrepot.features.seeding.own.plain import value_at
from entrepot.features.seeding.placeholders import MARKETPLACE, OWNERS, REDACTED, client_properties
from entrepot.features.seeding.records import Values, seed_record
from entrepot.kernel.clock import Clock, utc_now
from entrepot.kernel.errors import PropertyError, ValidationError

Key = tuple[str, ...]
"""What tells a record from the others of its kind, folded: IDs compare without regard to case (ID-4)."""
Identity = dict[str, str]
"""The same for a reader: properties and their values."""

UNSAID: Mapping[str, frozenset[Path]] = {
    # BUY-1
    "Buyers": frozenset({("DefaultCatalogID",)}),
    # IRC-3: the sum of its records.
    "Products": frozenset({("Inventory", "QuantityAvailable")}),
    "Variants": frozenset({("Inventory",), ("Inventory", "QuantityAvailable")}),
    # It follows the orders that use them.
    "PromotionCodes": frozenset({("Redeemed",)}),
    # No list says whose they are, and no file needs to say since when they are there.
    "ProductCollections": frozenset({("UserID",)}),
    "ProductCollectionEntries": frozenset({("DateAdded",)}),
}
"""Of a kind, what the server fills in where nobody says it: it differs only where both sides say it."""
COUNTS: Mapping[str, frozenset[tuple[str]]] = {"Products": frozenset({("VariantCount",)})}
"""Of a kind, what counts only as nothing or something: a file has any number there."""


class Forms:
    """Of records that are one marketplace's. marketplace: its ID, "" where nobody knows it."""

    def __init__(self, registry: Registry, marketplace: str = "", clock: Clock = utc_now) -> None:
        self._registry = registry
        self._marketplace = marketplace
        self._clock = clock

    def form(self, kind: Kind, record: Values) -> Values:
        """What is compared of a record. Raises ApiError for one that the API would refuse without asking the database."""
        sent = self.filled(record)
        values = validate(kind.model, sent, partial=False, keeps_secrets=True)
        above = {within.column: sent.get(within.column) for within in kind.within}
        missing = [
            PropertyError(f"{column} is required.", {"Property": column})
            for column, value in above.items()
            if not isinstance(value, str) or not value
        ]
        if missing:
            raise ValidationError(*missing)
        names = [*above]
        if kind.section == "Objects":
            assert kind.resource is not None
            entity = kind.resource.entity
            values[kind.id_name] = kind.id_in(values, sent)
            values |= above
            if "DateCreated" in entity.model.__columns__:
                values["DateCreated"] = self._clock()
            check_xp_size(values.get("xp"))
            kind.resource.hooks.normalise(values, None)
            _inherit(kind, sent, values)
            names += [*entity.key_columns, kind.id_name]
        else:
            values |= above
            if kind.assignment is not None:
                values = with_levels(kind.model, sent, values)
            names = list(dict.fromkeys((*names, *filter(str.isalnum, key_names(kind, self._registry)))))
        shown = {name: values.get(name) for name in names} | self._shown(kind, sent, values)
        return without_secrets(kind, seed_record(kind, shown, tuple(names), self._marketplace, opens=True))

    def filled(self, record: Values) -> Values:
        """A record with the marketplace's ID in place of what stands for it."""
        return {
            name: (self._marketplace or None) if value == MARKETPLACE and name in OWNERS else value
            for name, value in record.items()
        }

    def key(self, kind: Kind, record: Values, form: Values) -> Key:
        """By its form; variants by the options of their products that they are made of."""
        if kind.name == "Variants" and (options := _options(record.get("Specs"))):
            return (str(form["ProductID"]).lower(), *options)
        return tuple(_folded(value_at(form, name)) for name in key_names(kind, self._registry))

    def identity(self, kind: Kind, form: Values) -> Identity:
        """What a reader knows the record by."""
        named = {name: value_at(form, name) for name in key_names(kind, self._registry)}
        return {name: str(value) for name, value in named.items() if value not in (None, "", MARKETPLACE)}

    def _shown(self, kind: Kind, sent: Values, values: Values) -> Values:
        shown = plain(renderer(kind.model).render(values))
        shown |= {name: sent.get(name) for name in kind.keeps if name in kind.model.__columns__}
        shown |= dict.fromkeys(_unsaid(kind, sent))
        beside = {name: values[name] for name in _stored_elsewhere(kind) if name in values}
        if beside:
            shown |= plain(beside)
        return shown


def _unsaid(kind: Kind, sent: Values) -> list[str]:
    """Properties that would have a default, though nobody says anything of them."""
    names = [str(path[0]) for path in UNSAID.get(kind.name, ()) if len(path) == 1]
    said = {name.lower() for name, value in sent.items() if value is not None} if names else ()
    return [name for name in names if name.lower() not in said]


@lru_cache(maxsize=1024)
def key_names(kind: Kind, registry: Registry) -> tuple[str, ...]:
    """The properties that tell records of a kind apart."""
    above = tuple(within.column for within in kind.within)
    if kind.section == "Objects":
        assert kind.resource is not None
        entity = kind.resource.entity
        return (*above, *entity.key_columns, kind.id_name)
    if kind.plain is not None:
        return tuple(dict.fromkeys((*above, *kind.plain.key)))
    looks = looks_of(kind, registry)
    key = Batch(kind, looks).key
    return tuple(dict.fromkeys((*above, *(look.shown for look in looks if look.column in key))))


def without_zeros(kind: Kind, form: Values) -> Values:
    """A form in which a count of nothing is as one that nobody tells (COUNTS), so that most pairs are seen to be equal at once."""
    names = [name for (name,) in COUNTS.get(kind.name, ()) if form.get(name) == 0]
    return {**form, **dict.fromkeys(names)} if names else form


def is_told(kind: Kind, found: Difference) -> bool:
    """Whether a difference of two forms counts."""
    before, after = (None if value is ABSENT else value for value in (found.before, found.after))
    is_said = before is not None and after is not None
    if found.path in UNSAID.get(kind.name, ()) and not is_said:
        return False
    if found.path in COUNTS.get(kind.name, ()):
        return is_said and bool(before) != bool(after)
    return not (_names_others(kind, found.path) and _all_folded(before) == _all_folded(after))


def implied_by(kind: Kind, form: Values) -> Iterator[tuple[str, Key]]:
    """Records that come with this one, whether or not a file has them; a key may be the beginning of several."""
    match kind.name:
        case "Buyers":
            # A default catalog and its assignment (BUY-1, BUY-2).
            buyer, catalog = form["ID"].lower(), _folded(form["DefaultCatalogID"] or form["ID"])
            if not form["DefaultCatalogID"]:
                yield "Catalogs", (catalog,)
            yield "CatalogAssignments", (catalog, buyer, "")
        case "CategoryProductAssignments":
            yield "ProductCatalogAssignment", (_folded(form["CatalogID"]), _folded(form["ProductID"]))
        case "Promotions" if form["GeneratedCodeCount"]:
            # As many as it asks for, unless a file lists them.
            yield "PromotionCodes", (_folded(form["ID"]),)
        case "Products" if form["VariantCount"]:
            yield "Variants", (_folded(form["ID"]),)
        case "Variants":
            # All that the product's options make.
            yield "Variants", (_folded(form["ProductID"]),)


def is_implied(key: Key, implied: Container[Key]) -> bool:
    """Whether `implied_by` has told of a record."""
    return any(key[:length] in implied for length in range(1, len(key) + 1))


def _names_others(kind: Kind, path: Path) -> bool:
    """Whether IDs of other objects stand there, which compare without regard to case."""
    name = str(path[0]) if path else ""
    column = kind.model.__columns__.get(name)
    for step in path[1:]:
        # Below xp and in lists nothing is named.
        inner = None if column is None else column.type.model
        column = None if inner is None else inner.__columns__.get(str(step))
        if column is None:
            return False
    if name in client_properties(kind):
        return True
    if column is None:
        return name in {within.column for within in kind.within}
    own = kind.section == "Objects" and name == kind.id_name
    return (column.type.item or column.type).kind == "id" and not own


def _all_folded(value: Any) -> Any:
    return [_folded(each) for each in value] if isinstance(value, list) else _folded(value)


def _inherit(kind: Kind, sent: Values, values: Values) -> None:
    """What a child does not say is its parent's, also where there is a default (PRD-6)."""
    named = {name.lower() for name in sent}
    if kind.name == "Products" and values.get("ParentID") and "quantitymultiplier" not in named:
        values["QuantityMultiplier"] = None


@lru_cache(maxsize=1024)
def _stored_elsewhere(kind: Kind) -> tuple[str, ...]:
    """Properties that neither rows hold nor the server computes."""
    return tuple(
        name
        for name, column in kind.model.__columns__.items()
        if not column.stored and column.computed is None and name not in kind.keeps
    )


@lru_cache(maxsize=1024)
def _hidden(kind: Kind) -> frozenset[str]:
    columns = kind.model.__columns__
    # The options of variants are their key; what else their Specs say is their specs'.
    more = ("Specs",) if kind.name == "Variants" else ()
    return frozenset((*(name for name, column in columns.items() if column.write_only), *kind.secrets, *more))


def without_secrets(kind: Kind, record: Values) -> Values:
    """What may be compared of a record."""
    hidden = _hidden(kind)
    return {
        name: _shown(value) if type(value) is dict else value
        for name, value in record.items()
        if name not in hidden
    }


def _shown(value: Any) -> Any:
    """Without secrets of nested objects."""
    if isinstance(value, dict):
        return {name: _shown(inner) for name, inner in value.items() if inner != REDACTED}
    return value


def _options(specs: Any) -> tuple[str, ...]:
    pairs = [each for each in specs or () if isinstance(each, dict)]
    return tuple(sorted(f"{each.get('SpecID')}={each.get('OptionID')}".lower() for each in pairs))


def _folded(value: Any) -> str:
    return "" if value is None or value == MARKETPLACE else str(value).lower()
