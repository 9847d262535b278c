"""The uniform verbs over one assignment: list, save, delete (ASG-1 to ASG-6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Parent
from entrepot.declare.operation import Body, ListOptions, Operation, Reply, Returns, Unit
from entrepot.declare.roles import Right, sufficient
from entrepot.domain.listing.request import list_meta, read_list_request
from entrepot.engine import sight
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.granting import check_grants
from entrepot.engine.parties import named_party, resolve, with_levels
from entrepot.engine.query import parameters, shape_of_list
from entrepot.engine.rows import renderer
from entrepot.engine.scoping import require
from entrepot.engine.sql import numbered
from entrepot.engine.statements import upsert
from entrepot.engine.wire.models import validate
from entrepot.kernel.errors import (
    GroupAndUserError,
    InvalidBodyError,
    InvalidGroupLevelError,
    InvalidUserLevelError,
    NotFoundError,
    ValidationError,
)

MARKETPLACE = "marketplace_id"
COMMERCE_ROLES = {
    "Buyer": 'a."BuyerID" IS NOT NULL',
    "Supplier": 'a."SupplierID" IS NOT NULL',
    "Seller": 'a."BuyerID" IS NULL AND a."SupplierID" IS NULL',
}
PARTY_PARAMETERS = {
    "buyerID": 'a."BuyerID"',
    "supplierID": 'a."SupplierID"',
    "userID": 'u."ID"',
    "userGroupID": 'g."ID"',
    "buyerGroupID": 'a."BuyerGroupID"',
}


def parameter_of(column: str) -> str:
    """`SecurityProfileID` -> `securityProfileID`."""
    return column[0].lower() + column[1:]


class UniformAssignments:
    """The handlers of one assignment."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self._columns = self._select_list()
        self._joins = self._join_clauses()
        self._order = self._order_by()
        self._filtered = {
            **{parameter_of(column.name): f'a."{column.name}"' for column in assignment.settings},
            **{parameter_of(thing.column): self._id_of(thing) for thing in assignment.things},
            **PARTY_PARAMETERS,
        }

    # --- handlers ---------------------------------------------------------------------------------------------

    async def list_rows(self, call: Call) -> Reply:
        """Explicit rows, filtered by exactly the declared parameters (ASG-5).

        One statement, one more past the end and one more where the path leads through other objects.
        """
        above = await self._above(call)
        given = parameters(call)
        _check_levels(given)
        self.assignment.hooks.check_list(given)
        where, scope = self._conditions(call, above, given)
        body = f"FROM {self.assignment.table} a {self._joins} WHERE {where}"
        return await bare_page(call, self._columns, body, self._order, scope)

    async def save(self, call: Call) -> Reply:
        """An upsert on thing and party: 204, repeating it overwrites the settings (ASG-1)."""
        above = await self._above(call)
        body = call.body
        values = validate(self.assignment.model, body, partial=False)
        party = named_party(self.assignment, with_levels(self.assignment.model, body, {**values, **above}))
        key = await resolve(call, self.assignment, values, party, above)
        new = {**values, **key}
        await check_grants(call, self.assignment.model, new, None)
        await self.assignment.hooks.check_write(call, None, new)
        settings = {column.name: new[column.name] for column in self.assignment.settings if column.writable}
        row = {**key, **settings}
        sql = upsert(self.assignment.table, tuple(row), frozenset(key))
        with call.concerning(self.assignment.feeds, key):
            await call.db.execute(sql, call.marketplace_id, *row.values())
        await self.assignment.hooks.after_write(call, None, new)
        return Reply()

    async def delete(self, call: Call) -> Reply:
        """Removes the one row with exactly the named party (ASG-6)."""
        above = await self._above(call)
        given = {name[0].upper() + name[1:]: value for name, value in parameters(call).items()}
        party = named_party(self.assignment, {**given, **above})
        things = {t.column: call.path[parameter_of(t.column)] for t in self.assignment.things}
        key = await resolve(call, self.assignment, things, party, above)
        await self.assignment.hooks.check_delete(call, key)
        conditions, arguments = ["marketplace_id = $1"], [call.marketplace_id]
        for column, value in key.items():
            if value is None:
                conditions.append(f'"{column}" IS NULL')
            else:
                arguments.append(value)
                conditions.append(f'"{column}" = ${len(arguments)}')
        sql = f"DELETE FROM {self.assignment.table} WHERE {' AND '.join(conditions)}"
        with call.concerning(self.assignment.feeds, key):
            status = await call.db.execute(sql, *arguments)
        if status == "DELETE 0":
            raise NotFoundError(self.assignment.model.__name__, "/".join(things.values()))
        await self.assignment.hooks.after_delete(call, key)
        return Reply()

    async def _above(self, call: Call) -> dict[str, str]:
        """The stored IDs of what the path leads through, by column; 404 for what the caller cannot reach."""
        within = self.assignment.within
        return {each.column: stored for each, stored in zip(within, await require(call, within), strict=True)}

    # --- statements -------------------------------------------------------------------------------------------

    def _select_list(self) -> str:
        columns = [f'{self._id_of(thing)} AS "{thing.column}"' for thing in self.assignment.things]
        for party in self.assignment.party_columns:
            match party:
                case "user_key":
                    columns.append('u."ID" AS "UserID"')
                case "group_key":
                    columns.append('g."ID" AS "UserGroupID"')
                case _:
                    columns.append(f'a."{party}"')
        for setting in self.assignment.settings:
            shown = self.assignment.computed.get(setting.name)
            column = f'a."{setting.name}"' if shown is None else shown
            columns.append(f'{column} AS "{setting.name}"')
        computed = [c for c in self.assignment.model.__columns__.values() if c.computed is not None]
        columns += [f'({c.computed}) AS "{c.name}"' for c in computed]
        return ", ".join(columns)

    def _id_of(self, thing: Parent) -> str:
        return f'a."{thing.stored}"' if thing.key is None else f'{self._alias(thing)}."ID"'

    def _alias(self, thing: Parent) -> str:
        return f"t{self.assignment.things.index(thing)}"

    def _join_clauses(self) -> str:
        joins = "".join(
            f" JOIN {thing.table} {self._alias(thing)}"
            f" ON {self._alias(thing)}.marketplace_id = :marketplace_id AND {self._alias(thing)}.key = a.{thing.key}"
            for thing in self.assignment.things
            if thing.key is not None
        )
        if "user_key" in self.assignment.party_columns:
            joins += " LEFT JOIN users u ON u.marketplace_id = :marketplace_id AND u.key = a.user_key"
        if "group_key" in self.assignment.party_columns:
            joins += " LEFT JOIN user_groups g ON g.marketplace_id = :marketplace_id AND g.key = a.group_key"
        return joins

    def _order_by(self) -> str:
        """Thing, buyer, supplier, user, group: nulls first, and the key for a total order."""
        order = [self._id_of(thing) for thing in self.assignment.things]
        order += [
            {"user_key": 'u."ID"', "group_key": 'g."ID"'}.get(party, f'a."{party}"')
            for party in self.assignment.party_columns
        ]
        return ", ".join([*(f"{column} NULLS FIRST" for column in order), "a.key"])

    def _conditions(
        self, call: Call, above: dict[str, str], given: dict[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        conditions = ["a.marketplace_id = :marketplace_id"]
        scope = {**{f"above_{parameter_of(column)}": stored for column, stored in above.items()}, **given}
        held = {*self.assignment.party_columns, *(home.column for home in self.assignment.homes)}
        for column in above:
            # What is no party is where the things live.
            alias = "a" if column in held else "t0"
            conditions.append(f'{alias}."{column}" = :above_{parameter_of(column)}')
        conditions += [f't0."{column}" IS NULL' for column in self.assignment.unset]
        kind = call.principal.user_type
        if kind in self.assignment.visible:
            scope |= sight.facts_of(call.principal)
            conditions.append(f"({self.assignment.visible[kind]})")
        for name, value in given.items():
            if name == "level":
                conditions.append(self._level(str(value)))
            elif name == "commerceRole":
                conditions.append(COMMERCE_ROLES[str(value)])
            else:
                conditions.append(f"{self._filtered[name]} = :{name}")
        return " AND ".join(conditions), scope

    def _level(self, level: str) -> str:
        parties = self.assignment.party_columns
        match level:
            case "User":
                return "a.user_key IS NOT NULL" if "user_key" in parties else "false"
            case "Group":
                return "a.group_key IS NOT NULL" if "group_key" in parties else "false"
            case "BuyerGroup":
                return 'a."BuyerGroupID" IS NOT NULL' if "BuyerGroupID" in parties else "false"
            case _:
                narrower = ("user_key", "group_key", '"BuyerGroupID"')
                held = [key for key in narrower if key.strip('"') in parties]
                return " AND ".join(f"a.{key} IS NULL" for key in held) or "true"


async def bare_page(call: Call, columns: str, body: str, order: str, scope: Mapping[str, object]) -> Reply:
    """The page of a list with paging only: `body` is its FROM and WHERE, `scope` has their parameters but the marketplace."""
    operation = call.operation
    assert operation.returns is not None
    model = operation.returns.model
    request = read_list_request(call.query, shape_of_list(operation))
    scope = {MARKETPLACE: call.marketplace_id, **scope}
    sql, names = numbered(
        f"SELECT count(*) OVER () AS _total, {columns} {body} ORDER BY {order} "
        f"LIMIT {request.page_size} OFFSET {request.offset}"
    )
    rows = await call.db.fetch(sql, *(scope[name] for name in names))
    total = rows[0]["_total"] if rows else 0
    if not rows and request.offset:
        sql, names = numbered(f"SELECT count(*) {body}")
        total = await call.db.fetchval(sql, *(scope[name] for name in names))
    items = renderer(model).render_all(rows)
    return Reply({"Meta": list_meta(request, total, len(rows)), "Items": items})


def _check_levels(given: dict[str, Any]) -> None:
    level = given.get("level")
    if given.get("userID") and given.get("userGroupID"):
        raise GroupAndUserError
    if level is not None and given.get("userGroupID") and level != "Group":
        raise InvalidGroupLevelError
    if level is not None and given.get("userID") and level != "User":
        raise InvalidUserLevelError


def assignment_operations(assignment: Assignment) -> Iterator[Operation]:
    """The operations of one assignment."""
    handlers = UniformAssignments(assignment)
    rows = f"{assignment.noun.lower()} assignment".lstrip()
    article = "a" if assignment.noun else "an"
    common: dict[str, Any] = {
        "tag": assignment.title,
        "source": assignment.source,
        "resource": assignment.name,
        "table": assignment.table,
    }
    if "List" in assignment.verbs:
        yield Operation(
            id=f"{assignment.name}.List{assignment.noun}Assignments",
            verb="GET",
            path=assignment.path,
            summary=f"List {rows}s of {assignment.title}",
            handler=handlers.list_rows,
            roles=assignment.roles.list_assignments,
            user_types=allowed_types(assignment.access, Right.READ),
            query=assignment.query,
            lists=ListOptions(bare=True),
            returns=Returns(assignment.model, page=True),
            errors=(NotFoundError,) if assignment.within else (),
            **common,
        )
    if "Save" in assignment.verbs:
        yield Operation(
            id=f"{assignment.name}.Save{assignment.noun}Assignment",
            verb="POST",
            path=assignment.path,
            summary=f"Create or update {article} {rows} of {assignment.title}",
            handler=handlers.save,
            status=204,
            roles=assignment.roles.assign,
            user_types=allowed_types(assignment.access, Right.WRITE),
            body=Body(assignment.model),
            errors=(NotFoundError, InvalidBodyError, ValidationError),
            unit=Unit.WRITE,
            **common,
        )
    if "Delete" in assignment.verbs:
        roles = (
            assignment.roles.assign
            if assignment.delete_roles is None
            else sufficient(*assignment.delete_roles)
        )
        yield Operation(
            id=f"{assignment.name}.Delete{assignment.noun}Assignment",
            verb="DELETE",
            path=assignment.delete_path,
            summary=f"Remove {article} {rows} of {assignment.title}",
            handler=handlers.delete,
            status=204,
            roles=roles,
            user_types=allowed_types(assignment.access, Right.WRITE),
            query=assignment.delete_query,
            errors=(NotFoundError,),
            unit=Unit.WRITE,
            **common,
        )
