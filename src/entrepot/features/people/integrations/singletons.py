"""Settings of which a marketplace has one, at a path without an ID (INT-2).

They are rows like any others, whose ID is a fixed word that no caller sees; so the uniform verbs do all the work.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from entrepot.declare.entity import Entity, Stored
from entrepot.declare.operation import Body, Handler, Operation, Reply, Returns, Unit
from entrepot.declare.resource import Resource
from entrepot.declare.roles import Right
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call, LostRaceError
from entrepot.engine.principal import Principal
from entrepot.engine.verbs import UniformVerbs
from entrepot.kernel.errors import (
    ApiError,
    IdExistsError,
    InvalidBodyError,
    NotFoundError,
    ValidationError,
)

SETTING = "setting"
"""The column that tells the rows of one table apart; also the parameter that stands for it."""
SETTING_COLUMN = Stored(name=SETTING, type="citext", nullable=False)


@dataclass(frozen=True, kw_only=True)
class Singleton:
    """One setting.

    resource: what it has in common with others; its verbs are empty, and its entity has SETTING as its ID.
    path: `/integrations/productsync`. setting: the word that stands for it, also in a NotFound.
    suffixes: what follows the verb in operation ids, where that is anything (`Save` -> `UserGroups`).
    taken: what a second row is refused with. about: what it is for, where a marketplace has several of its kind.
    """

    resource: Resource
    path: str
    setting: str
    get: str = "Get"
    save: str = "Save"
    patch: str = "Patch"
    delete: str = "Delete"
    taken: type[ApiError] | None = None
    about: str = ""

    @property
    def entity(self) -> Entity:
        return self.resource.entity

    def operations(self) -> Iterator[Operation]:
        """Get, save, patch and delete."""
        verbs = UniformVerbs(replace(self.resource, implied=self._implied))
        model, roles = self.entity.model, self.resource.roles
        title = f"{self.entity.object_type} of {self.about}" if self.about else self.entity.object_type
        refusals: tuple[type[ApiError], ...] = (NotFoundError, InvalidBodyError, ValidationError)
        yield self._operation(
            self.get,
            "GET",
            verbs.get,
            summary=f"Get the {title}",
            roles=roles.read,
            returns=Returns(model),
            errors=(NotFoundError,),
            confirms=True,
        )
        yield self._operation(
            self.save,
            "PUT",
            self._only_one(verbs.save),
            summary=f"Create or replace the {title}",
            roles=roles.write,
            body=Body(model),
            returns=Returns(model),
            errors=(*refusals, self.taken or IdExistsError),
            unit=Unit.WRITE,
        )
        yield self._operation(
            self.patch,
            "PATCH",
            verbs.patch,
            summary=f"Change some properties of the {title}",
            roles=roles.write,
            body=Body(model, partial=True),
            returns=Returns(model),
            errors=refusals,
            unit=Unit.WRITE,
        )
        yield self._operation(
            self.delete,
            "DELETE",
            verbs.delete,
            summary=f"Delete the {title}",
            roles=roles.write,
            status=204,
            errors=(NotFoundError,),
            unit=Unit.WRITE,
        )

    def _operation(self, name: str, verb: str, handler: Handler, **facts: Any) -> Operation:
        resource = self.resource
        return Operation(
            id=f"{resource.name}.{name}",
            verb=verb,
            path=self.path,
            tag=resource.title,
            handler=handler,
            source=resource.source,
            user_types=allowed_types(resource.access, Right.WRITE),
            resource=resource.name,
            table=self.entity.table,
            hooks=type(resource.hooks).__name__,
            **facts,
        )

    def _implied(self, _: Principal) -> Mapping[str, str]:
        return {SETTING: self.setting}

    def _only_one(self, save: Callable[[Call], Awaitable[Reply]]) -> Callable[[Call], Awaitable[Reply]]:
        async def handle(call: Call) -> Reply:
            try:
                return await save(call)
            except LostRaceError as error:
                if self.taken is None:
                    raise
                raise LostRaceError(self.taken()) from error

        return handle
