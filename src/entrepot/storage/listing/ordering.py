"""ORDER BY: the expressions of the indexes, null lowest (SRCH-7)."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
    Integer,
    Numeric,
    Text,
    UnaryExpression,
    case,
    cast,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql import array

from entrepot.domain.listing.fields import FieldKind, FieldPath
from entrepot.storage.columns import Citext
from entrepot.storage.listing.predicates import Expression, json_text, literal_texts, lowered
from entrepot.storage.listing.source import Source
from entrepot.storage.listing.template import OrderTemplate
from entrepot.storage.listing.values import first_xp_value, scalar_value


def order_by(source: Source, order: tuple[OrderTemplate, ...]) -> list[Expression]:
    return [term for entry in order for term in _terms(source, entry)]


def sort_expression(expression: Expression, path: FieldPath) -> Expression:
    """What a field sorts by: text in lower case (citext as it is), enums by position."""
    if path.kind is FieldKind.ENUM:
        names = cast(array(literal_texts(*path.enum_values)), ARRAY(Text()))
        return func.array_position(names, expression, type_=Integer())
    if path.kind in {FieldKind.STRING, FieldKind.ID} and not isinstance(expression.type, Citext):
        return lowered(expression)
    return expression


def directed(expression: Expression, *, descending: bool, nullable: bool) -> Expression:
    """With null lowest. A column without nulls gets no NULLS clause, as the index of a key has none."""
    if not nullable:
        return expression.desc() if descending else expression.asc()
    return expression.desc().nulls_last() if descending else expression.asc().nulls_first()


def bare(term: Expression) -> Expression:
    """What a term of ORDER BY sorts by, without the direction."""
    while isinstance(term, UnaryExpression) and term.modifier is not None:
        term = term.element
    return term


def turned_as(term: Expression, value: Expression) -> Expression:
    """Another value, sorted in the direction of a term."""
    if isinstance(term, UnaryExpression) and term.modifier is not None:
        return UnaryExpression(turned_as(term.element, value), modifier=term.modifier)
    return value


def _terms(source: Source, entry: OrderTemplate) -> list[Expression]:
    if entry.place.path.kind is FieldKind.XP:
        terms = _xp_terms(first_xp_value(source, entry.place))
        return [directed(term, descending=entry.descending, nullable=True) for term in terms]
    value = scalar_value(source, entry.place)
    nullable = source.may_be_null(value)
    return [
        directed(sort_expression(value, entry.place.path), descending=entry.descending, nullable=nullable)
    ]


def _xp_terms(value: Expression) -> list[Expression]:
    """Rank of the type, then the value: null and objects, booleans, numbers, strings."""
    json_type, text = func.jsonb_typeof(value), json_text(value)
    boolean, number, string = literal_texts("boolean", "number", "string")
    return [
        case(
            (json_type == boolean, literal_column("1")),
            (json_type == number, literal_column("2")),
            (json_type == string, literal_column("3")),
            else_=literal_column("0"),
        ),
        case((json_type == boolean, cast(text, Boolean()))),
        case((json_type == number, cast(text, Numeric()))),
        case((json_type == string, func.lower(text))),
    ]
