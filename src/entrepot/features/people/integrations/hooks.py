"""What all settings of integrations have in common: secrets at rest, and the pair of a custom header."""

from __future__ import annotations

from typing import Any

from entrepot.declare.entity import Entity
from entrepot.declare.resource import Hooks
from entrepot.domain.integrations.headers import is_custom, is_value
from entrepot.engine.call import Call
from entrepot.features.people.integrations import renaming, sealing
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    CustomAuthHeaderNameRequiredError,
    CustomAuthHeaderValueRequiredError,
    PropertyError,
    ValidationError,
)

Values = dict[str, Any]

HEADER_NAME = "CustomAuthHeaderName"
HEADER_VALUE = "CustomAuthHeaderValue"


class IntegrationHooks(Hooks):
    """Sealed secrets around a resource's own rules, which stand in `check` and see the readable ones in clear."""

    def __init__(self, entity: Entity) -> None:
        self._model, self._table = entity.model, entity.table
        columns = {stored.name for stored in entity.stored}
        self._readable = tuple(
            name for name in entity.model.__columns__ if sealing.column_of(name) in columns
        )
        self.shows = tuple(sealing.column_of(name) for name in self._readable)

    async def check(self, call: Call, old: Values | None, new: Values) -> None:
        """The resource's own rules."""

    def normalise(self, values: Values, old: Values | None) -> None:
        if HEADER_VALUE in self._model.__columns__:
            drop_orphaned_header(values, old)

    def present(self, call: Call, item: Values) -> None:
        for name in self._readable:
            item[name] = self._opened(call, name, item.pop(sealing.column_of(name)))

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        for name in self._readable:
            # Without a column of its own it is not among the stored values that a PATCH is laid over.
            if name not in new and old is not None and call.operation.verb == "PATCH":
                new[name] = self._opened(call, name, old[sealing.column_of(name)])
        if HEADER_VALUE in self._model.__columns__:
            check_header(new)
        await self.check(call, old, new)
        sealing.seal(services(call).box, self._table, call.marketplace_id, self._model, old, new)
        for name in self._readable:
            new[sealing.column_of(name)] = self._sealed(call, name, old, new.get(name))
        if old is not None and old.get("ID") != new.get("ID"):
            await renaming.follow(call, self._table, old["ID"], new["ID"])

    def _opened(self, call: Call, name: str, sealed: bytes | None) -> str | None:
        if sealed is None:
            return None
        return services(call).box.open_text(sealed, sealing.place(self._table, name, call.marketplace_id))

    def _sealed(self, call: Call, name: str, old: Values | None, value: str | None) -> bytes | None:
        if not value:
            return None
        kept: bytes | None = None if old is None else old[sealing.column_of(name)]
        if self._opened(call, name, kept) == value:
            # Sealed anew it would look different, and an unchanged row would be written.
            return kept
        return services(call).box.seal_text(value, sealing.place(self._table, name, call.marketplace_id))


def drop_orphaned_header(values: Values, old: Values | None) -> None:
    """The value of a header whose name is taken away goes with it: a PUT cannot say so itself (CONV-2)."""
    if not values.get(HEADER_NAME) and old is not None and values.get(HEADER_VALUE) == old.get(HEADER_VALUE):
        values[HEADER_VALUE] = None


def check_header(values: Values, path: str = "") -> None:
    """SIG-5. `path` is what leads to the pair within the body, up to its dot.

    Raises CustomAuthHeaderNameRequiredError, CustomAuthHeaderValueRequiredError; ValidationError for a header that is the
    server's own to set, or that cannot be sent.
    """
    name, value = values.get(HEADER_NAME), values.get(HEADER_VALUE)
    if value and not name:
        raise CustomAuthHeaderNameRequiredError
    if name and not value:
        raise CustomAuthHeaderValueRequiredError
    if not name or not value:
        return
    if not is_custom(name):
        place = path + HEADER_NAME
        raise ValidationError(
            PropertyError(f"{place} is not a header that can be added.", {"Property": place, "Value": name})
        )
    # A value that was sealed before is none that the caller sends.
    if isinstance(value, str) and not is_value(value):
        place = path + HEADER_VALUE
        raise ValidationError(
            PropertyError(
                f"{place} can hold only printable ASCII, without blanks at its ends.", {"Property": place}
            )
        )
