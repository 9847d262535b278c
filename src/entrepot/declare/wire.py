"""Wire models: the properties of one JSON object, declared as a class."""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, ClassVar, Literal

from entrepot.declare.types import WireType, wire_type
from entrepot.kernel.clock import EARLIEST, format_datetime
from entrepot.kernel.errors import ApiError

_VALUES = frozenset({"integer", "decimal", "boolean", "datetime", "enum", "list"})
"""Kinds that have a value, to typed clients, unless they are declared nullable."""

OnDelete = Literal["cascade", "clear", "refuse", "hand_over", "follow"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A property that names another object by ID.

    `table` is the referenced entity's table; `on_delete` says what the deletion of that object does here.
    `hand_over` is for owners (ORG-3), who are suppliers or the seller itself: there is no foreign key, and what a
    deleted supplier owned becomes the seller's. `follow` has no foreign key either: the ID goes with a rename, and stays
    when the object is gone, as in what an order has kept of it.
    """

    table: str
    on_delete: OnDelete = "cascade"
    missing: type[ApiError] | None = None
    """What naming nothing is refused with; else 404 (CONV-10)."""


@dataclass(frozen=True, slots=True)
class Grants:
    """What a property hands out: whoever writes it gives roles to somebody, or comes to act as somebody.

    roles: the SELECT of an array of their names; $1 marketplace, $2 the value, or with `by_key` the row's surrogate key, its ID where it has none. None
    where the value is the list of the roles itself.
    """

    roles: str | None = None
    by_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One property. Lengths are in characters; `computed` is SQL over the row alias `t` (never stored)."""

    name: str = ""
    type: WireType = field(default_factory=lambda: WireType("string"))
    required: bool = False
    read_only: bool = False
    write_only: bool = False
    confidential: bool = False
    nullable: bool = False
    default: Any = None
    max_length: int | None = None
    bound: int | None = None
    """Characters at most where the contract names no max_length."""
    min_length: int | None = None
    minimum: Decimal | int | None = None
    maximum: Decimal | int | None = None
    references: Reference | None = None
    grants: Grants | None = None
    computed: str | None = None
    stored: bool = True
    description: str = ""

    @property
    def writable(self) -> bool:
        return not self.read_only

    @property
    def is_secret(self) -> bool:
        """Whether nobody is told of the value but who asks for it: passwords, what is never shown, what opens something."""
        return self.write_only or self.confidential or self.type.kind == "password"

    @property
    def empty(self) -> Any:
        """The value of an absent property (CONV-2): the declared default, or null, false, 0, []."""
        if self.default is not None:
            return self.default
        if self.nullable:
            return None
        match self.type.kind:
            case "boolean":
                return False
            case "integer" | "decimal":
                return 0
            case "list":
                return []
            case _:
                return None

    @property
    def may_be_null(self) -> bool:
        """Whether answers may show null: what is declared nullable, what need not be given and is a reference to typed
        clients (BODY-3), and secrets, which are never shown (AUTH-61).
        """
        if self.nullable or self.write_only:
            return True
        return self.type.kind not in _VALUES and not self.required

    @property
    def instead_of_null(self) -> Any:
        """What answers show where nothing is known of a property that may not be null: its empty value, the earliest date,
        the first of an enumeration. Typed clients fail at null there, and know these as defaults. (What an enumeration
        is that callers write is for the hooks to say: PUT of what was read must change nothing.)
        """
        if self.type.kind == "datetime":
            return format_datetime(EARLIEST)
        if self.type.enum is not None and self.read_only:
            return next(iter(self.type.enum)).value
        return self.empty


def column(
    *,
    required: bool = False,
    read_only: bool = False,
    write_only: bool = False,
    confidential: bool = False,
    nullable: bool = False,
    default: Any = None,
    max: int | None = None,
    min: int | None = None,
    minimum: Decimal | int | None = None,
    maximum: Decimal | int | None = None,
    references: Reference | None = None,
    grants: Grants | None = None,
    computed: str | None = None,
    stored: bool = True,
    description: str = "",
    bound: int | None = None,
) -> Any:
    """Declare a property. `max` and `min` are lengths, `minimum` and `maximum` values. `bound` is a longest length of our
    own, where the contract has none.

    `confidential` is what is shown to who may read it and yet opens something: a token, a shared key.

    `computed` gives the SELECT that yields the property, over the row alias `t` and with `:marketplace_id`; it may
    still be writable, when a hook stores what was written elsewhere. `stored=False` is a property without any column,
    consumed by a hook (Password).
    """
    return Column(
        required=required,
        read_only=read_only,
        write_only=write_only,
        confidential=confidential,
        nullable=nullable,
        default=default,
        max_length=max,
        bound=bound,
        min_length=min,
        minimum=minimum,
        maximum=maximum,
        references=references,
        grants=grants,
        computed=computed,
        stored=stored and computed is None,
        description=description,
    )


class Wire:
    """The parent of wire models. The class is a declaration: it is never instantiated.

    Annotations give the types, `column()` the rest; the order is the contract's. `class Line(Wire, then=Item)` has the
    properties of Item after its own, which replace those of the same names.
    """

    __columns__: ClassVar[dict[str, Column]] = {}

    is_closed: ClassVar[bool] = False
    """Whether a body with a property that the model does not have is refused. The contract's are taken without it (BODY-2)."""

    def __init_subclass__(cls, then: type[Wire] | None = None, closed: bool | None = None) -> None:
        if closed is not None:
            cls.is_closed = closed
        # Not typing.get_type_hints: a property may have the name of its type (`PasswordConfig: PasswordConfig`).
        scope = vars(sys.modules[cls.__module__])
        columns = dict(cls.__columns__)
        for name, annotation in inspect.get_annotations(cls).items():
            declared = cls.__dict__.get(name, Column())
            if not isinstance(declared, Column):
                raise TypeError(f"{cls.__name__}.{name} must be declared with column()")
            hint = eval(annotation, scope) if isinstance(annotation, str) else annotation  # noqa: S307 (own source)
            columns[name] = replace(declared, name=name, type=wire_type(hint))
        cls.__columns__ = columns if then is None else columns | then.__columns__ | columns

    @classmethod
    def summary(cls) -> str:
        """The first paragraph of the docstring, as the OpenAPI description."""
        return inspect.cleandoc(cls.__doc__ or "").split("\n\n")[0].replace("\n", " ")
