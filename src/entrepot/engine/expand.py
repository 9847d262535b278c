"""From resources to operations: the frozen records that everything else reads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from entrepot.declare.operation import Body, Operation, Returns, Unit
from entrepot.declare.registry import Registry
from entrepot.declare.resource import Hooks, Resource, Verb, spaced
from entrepot.declare.roles import Right
from entrepot.engine.access import allowed_types
from entrepot.engine.assignments import assignment_operations
from entrepot.engine.lists import UniformList
from entrepot.engine.verbs import UniformVerbs
from entrepot.kernel.errors import ApiError, IdExistsError, InvalidBodyError, NotFoundError, ValidationError

WRITES: tuple[type[ApiError], ...] = (NotFoundError, InvalidBodyError, ValidationError, IdExistsError)


def operations_of(resource: Resource) -> Iterator[Operation]:
    """The operations of one resource, in the order of its verbs."""
    verbs = UniformVerbs(resource)
    for verb in Verb:
        if verb in resource.verbs:
            yield _operation(resource, verb, verbs)


def _operation(resource: Resource, verb: Verb, verbs: UniformVerbs) -> Operation:
    kind, route, summary, status, facts = {
        Verb.LIST: ("GET", resource.path, f"List {_plural(resource)}", 200, _list_facts),
        Verb.GET: ("GET", _item(resource), f"Get one {_singular(resource)}", 200, _get_facts),
        Verb.CREATE: ("POST", resource.path, f"Create a new {_singular(resource)}", 201, _write_facts),
        Verb.SAVE: ("PUT", _item(resource), f"Create or replace a {_singular(resource)}", 200, _write_facts),
        Verb.PATCH: (
            "PATCH",
            _item(resource),
            f"Change some properties of a {_singular(resource)}",
            200,
            _write_facts,
        ),
        Verb.DELETE: ("DELETE", _item(resource), f"Delete a {_singular(resource)}", 204, _delete_facts),
    }[verb]
    return Operation(
        id=resource.operation_id(verb),
        verb=kind,
        path=route,
        summary=summary,
        status=status,
        tag=resource.title,
        source=resource.source,
        resource=resource.name,
        table=resource.entity.table,
        moves=resource.moves.get(verb, ()),
        hooks=None if type(resource.hooks) is Hooks else type(resource.hooks).__name__,
        **facts(resource, verb, verbs),
    )


def _singular(resource: Resource) -> str:
    return resource.entity.object_type


def _plural(resource: Resource) -> str:
    """By the tag, which may be for several resources: those of them that have a noun are called by their own name."""
    return f"{spaced(resource.entity.object_type)}s" if resource.noun else resource.title


def _item(resource: Resource) -> str:
    return f"{resource.path}/{{{resource.item}}}"


def _list_facts(resource: Resource, _verb: Verb, _verbs: UniformVerbs) -> dict[str, Any]:
    return {
        "handler": UniformList(resource).list,
        "roles": resource.roles.read,
        "user_types": allowed_types(resource.access, Right.READ),
        "query": resource.query,
        "lists": resource.lists,
        "returns": Returns(resource.entity.model, page=True),
        "errors": (NotFoundError,) if resource.within else (),
        "confirms": True,
    }


def _get_facts(resource: Resource, _verb: Verb, verbs: UniformVerbs) -> dict[str, Any]:
    return {
        "handler": verbs.get,
        "roles": resource.roles.read,
        "user_types": allowed_types(resource.access, Right.READ),
        "returns": Returns(resource.entity.model),
        "errors": (NotFoundError,),
        "confirms": True,
    }


def _write_facts(resource: Resource, verb: Verb, verbs: UniformVerbs) -> dict[str, Any]:
    # Companies are created and deleted by sellers alone; their own users may change them (AUTH-52).
    changes = verb is not Verb.CREATE and resource.changed_by_owners
    handlers = {Verb.CREATE: verbs.create, Verb.SAVE: verbs.save, Verb.PATCH: verbs.patch}
    return {
        "handler": handlers[verb],
        "roles": resource.roles.write,
        "user_types": allowed_types(resource.access, Right.OWN if changes else Right.WRITE),
        "query": resource.write_query,
        "body": Body(resource.entity.model, partial=verb is Verb.PATCH),
        "returns": Returns(resource.entity.model),
        "errors": WRITES,
        "unit": Unit.WRITE,
        "prepare": _preparation(resource.hooks),
        "prepares": resource.hooks.prepares,
        "lock_ahead": verbs.lock_together
        if verb is not Verb.CREATE and type(resource.hooks).lock_first is Hooks.lock_first
        else None,
        # What locks a row confirms with it.
        "confirms": verb is not Verb.CREATE,
    }


def _delete_facts(resource: Resource, _verb: Verb, verbs: UniformVerbs) -> dict[str, Any]:
    return {
        "handler": verbs.delete,
        "roles": resource.roles.write,
        "user_types": allowed_types(resource.access, Right.WRITE),
        "errors": (NotFoundError,),
        "unit": Unit.WRITE,
        "confirms": True,
    }


def _preparation(hooks: Hooks) -> Callable[[Any], Awaitable[None]] | None:
    """The hook, where a resource has one."""
    return None if type(hooks).prepare is Hooks.prepare else hooks.prepare


def expand(registry: Registry) -> None:
    """Turn the registry's declarations into operations. Called once, after all are added."""
    for resource in registry.resources.values():
        registry.add_operations(operations_of(resource))
    for assignment in registry.assignments.values():
        registry.add_operations(assignment_operations(assignment))
