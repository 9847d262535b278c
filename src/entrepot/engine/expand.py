"""From resources to operations: the frozen records that everything else reads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

from entrepot.declare.operation import Body, ListOptions, Operation, Returns, Unit
from entrepot.declare.registry import Registry
from entrepot.declare.resource import Hooks, Resource, Verb
from entrepot.declare.roles import Right
from entrepot.engine.access import allowed_types
from entrepot.engine.assignments import assignment_operations
from entrepot.engine.lists import UniformList
from entrepot.engine.references import ReferenceGraph
from entrepot.engine.verbs import UniformVerbs
from entrepot.kernel.errors import ApiError, IdExistsError, InvalidBodyError, NotFoundError, ValidationError

WRITES: tuple[type[ApiError], ...] = (NotFoundError, InvalidBodyError, ValidationError, IdExistsError)


def operations_of(resource: Resource, graph: ReferenceGraph) -> Iterator[Operation]:
    """The operations of one resource, in the order of its verbs."""
    verbs = UniformVerbs(resource, graph)
    for verb in Verb:
        if verb in resource.verbs:
            yield _operation(resource, verb, verbs)


def _operation(resource: Resource, verb: Verb, verbs: UniformVerbs) -> Operation:
    model = resource.entity.model
    singular = resource.entity.object_type
    item_path = f"{resource.path}/{{{resource.item}}}"
    # Companies are created and deleted by sellers alone; their own users may change them (AUTH-52).
    whole = Right.WRITE
    partly = Right.OWN if resource.changed_by_owners else Right.WRITE
    common = partial(
        Operation,
        id=resource.operation_id(verb),
        tag=resource.title,
        source=resource.source,
        resource=resource.name,
        table=resource.entity.table,
        hooks=None if type(resource.hooks) is Hooks else type(resource.hooks).__name__,
    )
    match verb:
        case Verb.LIST:
            return common(
                verb="GET",
                path=resource.path,
                summary=f"List {resource.title}",
                handler=UniformList(resource).list,
                roles=resource.roles.read,
                user_types=allowed_types(resource.access, Right.READ),
                query=resource.query,
                lists=ListOptions(search=resource.search, sort=resource.sort),
                returns=Returns(model, page=True),
                errors=(NotFoundError,) if resource.within else (),
                confirms=True,
            )
        case Verb.GET:
            return common(
                verb="GET",
                path=item_path,
                summary=f"Get one {singular}",
                handler=verbs.get,
                roles=resource.roles.read,
                user_types=allowed_types(resource.access, Right.READ),
                returns=Returns(model),
                errors=(NotFoundError,),
                confirms=True,
            )
        case Verb.CREATE:
            return common(
                verb="POST",
                path=resource.path,
                summary=f"Create a new {singular}",
                handler=verbs.create,
                status=201,
                roles=resource.roles.write,
                user_types=allowed_types(resource.access, whole),
                query=resource.write_query,
                body=Body(model),
                returns=Returns(model),
                errors=WRITES,
                unit=Unit.WRITE,
                prepare=_preparation(resource.hooks),
            )
        case Verb.SAVE:
            return common(
                verb="PUT",
                path=item_path,
                summary=f"Create or replace a {singular}",
                handler=verbs.save,
                roles=resource.roles.write,
                user_types=allowed_types(resource.access, partly),
                query=resource.write_query,
                body=Body(model),
                returns=Returns(model),
                errors=WRITES,
                unit=Unit.WRITE,
                prepare=_preparation(resource.hooks),
            )
        case Verb.PATCH:
            return common(
                verb="PATCH",
                path=item_path,
                summary=f"Change some properties of a {singular}",
                handler=verbs.patch,
                roles=resource.roles.write,
                user_types=allowed_types(resource.access, partly),
                query=resource.write_query,
                body=Body(model, partial=True),
                returns=Returns(model),
                errors=WRITES,
                unit=Unit.WRITE,
                prepare=_preparation(resource.hooks),
            )
        case Verb.DELETE:
            return common(
                verb="DELETE",
                path=item_path,
                summary=f"Delete a {singular}",
                handler=verbs.delete,
                status=204,
                roles=resource.roles.write,
                user_types=allowed_types(resource.access, whole),
                errors=(NotFoundError,),
                unit=Unit.WRITE,
            )


def _preparation(hooks: Hooks) -> Callable[[Any], Awaitable[None]] | None:
    """The hook, where a resource has one."""
    return None if type(hooks).prepare is Hooks.prepare else hooks.prepare


def expand(registry: Registry) -> ReferenceGraph:
    """Turn the registry's declarations into operations. Called once, after all are added."""
    graph = ReferenceGraph.of(registry)
    for resource in registry.resources.values():
        registry.add_operations(operations_of(resource, graph))
    for assignment in registry.assignments.values():
        registry.add_operations(assignment_operations(assignment))
    return graph
