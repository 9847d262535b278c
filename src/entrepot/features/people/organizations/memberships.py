"""Membership of users in user groups of their own company: three operations for each kind of company (USR-6)."""

from __future__ import annotations

from entrepot.declare.feeds import Changed
from entrepot.declare.operation import Body, ListOptions, Operation, QueryParameter, Reply, Returns, Unit
from entrepot.declare.resource import Resource
from entrepot.declare.roles import Right
from entrepot.declare.types import Id
from entrepot.declare.wire import Wire, column
from entrepot.engine.access import allowed_types
from entrepot.engine.assignments import bare_page
from entrepot.engine.call import Call
from entrepot.engine.granting import require_roles_of
from entrepot.engine.query import parameters
from entrepot.engine.scoping import parents, require_parents
from entrepot.engine.wire.models import validate
from entrepot.features.people import holdings
from entrepot.kernel.errors import InvalidBodyError, NotFoundError, ValidationError
from entrepot.kernel.sql import Sql

INSERT = """
INSERT INTO user_group_members (marketplace_id, group_key, user_key) VALUES ($1, $2, $3)
ON CONFLICT (marketplace_id, group_key, user_key) DO NOTHING
"""
DELETE = "DELETE FROM user_group_members WHERE marketplace_id = $1 AND group_key = $2 AND user_key = $3"


class UserGroupAssignment(Wire):
    """A user's membership in a user group."""

    UserGroupID: Id = column(required=True)
    UserID: Id = column(required=True)


class Memberships:
    """The handlers for the groups of one kind of company."""

    def __init__(self, groups: Resource) -> None:
        self.groups = groups
        self._of_group = self._company("g")
        of_user = self._company("u")
        self._keys = Sql(
            f'SELECT (SELECT g.key FROM user_groups g WHERE g.marketplace_id = :marketplace_id{self._of_group} AND g."ID" = :group),'
            f' (SELECT u.key FROM users u WHERE u.marketplace_id = :marketplace_id{of_user} AND u."ID" = :user)'
        ).bound("marketplace_id", *(within.parameter for within in groups.within), "group", "user")

    async def list(self, call: Call) -> Reply:
        """The memberships of the company's groups, by group and user."""
        above = await require_parents(call, self.groups)
        body = (
            "FROM user_group_members m "
            "JOIN user_groups g ON g.marketplace_id = :marketplace_id AND g.key = m.group_key "
            "JOIN users u ON u.marketplace_id = :marketplace_id AND u.key = m.user_key "
            f"WHERE m.marketplace_id = :marketplace_id{self._of_group}"
        )
        given = parameters(call)
        for name, expression in (("userGroupID", 'g."ID"'), ("userID", 'u."ID"')):
            if name in given:
                body += f" AND {expression} = :{name}"
        scope = dict(zip((within.parameter for within in self.groups.within), above, strict=True)) | given
        columns = 'g."ID" AS "UserGroupID", u."ID" AS "UserID"'
        return await bare_page(call, columns, body, 'g."ID", u."ID"', scope)

    async def save(self, call: Call) -> Reply:
        """204; joining twice changes nothing. 404 unless user and group belong to the path's company."""
        await require_parents(call, self.groups)
        values = validate(UserGroupAssignment, call.body, partial=False)
        async with holdings.changing(call.db, call.marketplace_id) as holders:
            keys = await self._find(call, values["UserGroupID"], values["UserID"])
            await require_roles_of(call, holdings.GROUP_GIVES, keys[0])
            holders.users.add(keys[1])
            with call.changing(Changed(users=frozenset({keys[1]}))):
                await call.db.execute(INSERT, call.marketplace_id, *keys)
        return Reply()

    async def delete(self, call: Call) -> Reply:
        """204; 404 for who is no member."""
        await require_parents(call, self.groups)
        group, user = call.path["userGroupID"], call.path["userID"]
        async with holdings.changing(call.db, call.marketplace_id) as holders:
            keys = await self._find(call, group, user)
            holders.users.add(keys[1])
            with call.changing(Changed(users=frozenset({keys[1]}))):
                status = await call.db.execute(DELETE, call.marketplace_id, *keys)
            if status == "DELETE 0":
                raise NotFoundError(UserGroupAssignment.__name__, f"{group}/{user}")
        return Reply()

    async def _find(self, call: Call, group: str, user: str) -> tuple[int, int]:
        row = await call.db.fetchrow(
            self._keys, call.marketplace_id, *parents(call, self.groups), group, user
        )
        group_key, user_key = row or (None, None)
        if group_key is None:
            raise NotFoundError("UserGroup", group)
        if user_key is None:
            raise NotFoundError("User", user)
        return group_key, user_key

    def _company(self, alias: str) -> str:
        """The condition that rows of `alias` belong to the path's company, or to the seller where it names none."""
        places = {within.column: f"= :{within.parameter}" for within in self.groups.within}
        owners = (owner.column for owner in self.groups.entity.owners)
        return "".join(f' AND {alias}."{column}" {places.get(column, "IS NULL")}' for column in owners)


def membership_operations(groups: Resource) -> tuple[Operation, ...]:
    """List, save and delete for the groups of one kind of company."""
    handlers = Memberships(groups)
    path = f"{groups.path}/assignments"
    readers, writers = (allowed_types(groups.access, right) for right in (Right.READ, Right.WRITE))
    return (
        Operation(
            id=f"{groups.name}.ListUserAssignments",
            verb="GET",
            path=path,
            tag=groups.title,
            summary="List the members of user groups",
            handler=handlers.list,
            source=groups.source,
            roles=groups.roles.list_assignments,
            user_types=readers,
            query=(QueryParameter("userGroupID"), QueryParameter("userID")),
            lists=ListOptions(bare=True),
            returns=Returns(UserGroupAssignment, page=True),
            errors=(NotFoundError,),
            resource=groups.name,
            table="user_group_members",
        ),
        Operation(
            id=f"{groups.name}.SaveUserAssignment",
            verb="POST",
            path=path,
            tag=groups.title,
            summary="Make a user a member of a user group",
            handler=handlers.save,
            source=groups.source,
            status=204,
            roles=groups.roles.assign,
            user_types=writers,
            body=Body(UserGroupAssignment),
            errors=(NotFoundError, InvalidBodyError, ValidationError),
            unit=Unit.WRITE,
            resource=groups.name,
            table="user_group_members",
        ),
        Operation(
            id=f"{groups.name}.DeleteUserAssignment",
            verb="DELETE",
            path=f"{groups.path}/{{userGroupID}}/assignments/{{userID}}",
            tag=groups.title,
            summary="Take a user out of a user group",
            handler=handlers.delete,
            source=groups.source,
            status=204,
            roles=groups.roles.assign,
            user_types=writers,
            errors=(NotFoundError,),
            unit=Unit.WRITE,
            resource=groups.name,
            table="user_group_members",
        ),
    )
