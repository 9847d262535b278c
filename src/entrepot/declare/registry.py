"""The registry: every declaration of the server, checked once at start."""

from __future__ import annotations

from collections.abc import Iterable

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity
from entrepot.declare.feeds import Feeds
from entrepot.declare.operation import Operation
from entrepot.declare.resource import Resource
from entrepot.declare.roles import Right
from entrepot.kernel.user_types import UserType


class DuplicateDeclarationError(Exception):
    """Two declarations claim the same operation id, or the same verb and path."""


class UnlimitedSightError(Exception):
    """A declaration opens to buyers or suppliers what it does not say which of them see."""


class Registry:
    """Operations by id, and the entities and assignments whose tables they use."""

    def __init__(self) -> None:
        self.operations: dict[str, Operation] = {}
        self.resources: dict[str, Resource] = {}
        self.entities: dict[str, Entity] = {}
        self.assignments: dict[str, Assignment] = {}
        self.feeds: dict[str, tuple[Feeds, ...]] = {}
        """Of tables that no declaration of theirs describes."""
        self.belonging: dict[str, tuple[str, ...]] = {}
        """Of these, with whose rows theirs are deleted."""
        self._routes: dict[tuple[str, str], str] = {}

    def add_operations(self, operations: Iterable[Operation]) -> None:
        for operation in operations:
            route = (operation.verb, _shape(operation.path))
            if operation.id in self.operations:
                raise DuplicateDeclarationError(f"operation {operation.id} is declared twice")
            if route in self._routes:
                raise DuplicateDeclarationError(
                    f"{operation.verb} {operation.path}: {operation.id} and {self._routes[route]}"
                )
            self.operations[operation.id] = operation
            self._routes[route] = operation.id

    def add_feeds(self, table: str, *feeds: Feeds, below: tuple[str, ...] = ()) -> None:
        """That a table without a declaration of its own is remembered; `below`: the tables with whose rows its own go."""
        self.feeds[table], self.belonging[table] = feeds, below

    def add_entity(self, entity: Entity) -> None:
        declared = entity.part_of or entity
        known = self.entities.setdefault(entity.table, declared)
        if known is not declared:
            raise DuplicateDeclarationError(f"table {entity.table} is declared twice")

    def add_resource(self, resource: Resource) -> None:
        name = resource.name + resource.noun
        if name in self.resources:
            raise DuplicateDeclarationError(f"resource {name} is declared twice")
        _check_sight(name, resource)
        self.resources[name] = resource
        self.add_entity(resource.entity)

    def add_assignment(self, assignment: Assignment) -> None:
        if assignment.table in self.assignments:
            raise DuplicateDeclarationError(f"table {assignment.table} is declared twice")
        if "List" in assignment.verbs:
            _check_sight(assignment.name + assignment.noun, assignment)
        self.assignments[assignment.table] = assignment


def _check_sight(name: str, declared: Resource | Assignment) -> None:
    """Walls between parties are declared, never left out: whoever is not the seller and may read or write anything is
    limited in what it sees, there or by what the path leads through; or it is said that it may READ_ALL.
    """
    for kind in (UserType.SUPPLIER, UserType.BUYER):
        right = declared.access.of(kind)
        if right not in (Right.NONE, Right.READ_ALL) and not declared.limits(kind):
            raise UnlimitedSightError(f"{name}: which of them does a {kind} see?")


def _shape(path: str) -> str:
    """A path with nameless parameters and folded literals: what the router tells apart."""
    return "/".join("{}" if part.startswith("{") else part.lower() for part in path.split("/"))
