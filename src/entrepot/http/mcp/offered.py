"""Which operations there are for assistants, what a call of each does to the marketplace, and what tools name them."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from entrepot.declare.operation import Operation, Unit
from entrepot.engine.authorization import refusal_of
from entrepot.engine.principal import Principal
from entrepot.http.routing import shape
from entrepot.kernel.errors import McpQueryError

LEFT_OUT = frozenset(
    {
        "Batches.Create",
        "GroupOrders.GetToken",
        "Me.Register",
        "Me.ResetPasswordByToken",
        "Me.RevokeTokens",
        "TestMarketplaces.Create",
        "UserInfo.Get",
        "UserInfo.Post",
        "Users.GetAccessToken",
    }
)
"""They hand out tokens, or end the caller's own: nothing that belongs into a conversation. Neither do those without a token. Batches
carry any other request, of which a host could not tell what it lets happen.
"""

FIND, ALL, EXPLAIN = "find", "all", "explain"
USUAL = f"{FIND},{EXPLAIN}"
"""The tools of whoever asks for none in particular."""
_EXPLANATIONS = "explanations"


class Effect(enum.StrEnum):
    """What a call does."""

    READ = "read"
    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Offered:
    """An operation that assistants may call. tool: the name of the tool that is it alone."""

    operation: Operation
    kind: Effect
    tool: str

    @property
    def group(self) -> str:
        """What of its ID stands before the dot, as in Products."""
        return self.operation.id.partition(".")[0]

    @property
    def repeats(self) -> bool:
        """Whether a second call with the same arguments changes nothing more."""
        return self.operation.verb != "POST"


@dataclass(frozen=True, slots=True)
class Selection:
    """What the query of the address asks for. finding: tools that find and call any operation; named: operations that are
    tools each; reads_only: nothing that changes anything, whatever the token opens.
    """

    finding: bool
    named: tuple[Offered, ...]
    reads_only: bool

    def opens(self, offered: Offered, caller: Principal) -> bool:
        """Whether a caller gets to see an operation."""
        return (offered.kind is Effect.READ or not self.reads_only) and refusal_of(
            offered.operation, caller
        ) is None


class Offer:
    """All that assistants are offered, once for a process."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        found = [each for each in operations if _is_offered(each)]
        parents = {shape(each.path).rpartition("/{")[0] for each in found if each.path.endswith("}")}
        offered = [Offered(each, _kind(each, parents), _tool(each)) for each in found]
        self.all: tuple[Offered, ...] = (*offered,)
        self.by_id: dict[str, Offered] = {each.operation.id.casefold(): each for each in offered}
        self.by_tool: dict[str, Offered] = {each.tool: each for each in offered}
        self.groups: dict[str, list[Offered]] = {}
        for each in offered:
            self.groups.setdefault(each.group.casefold(), []).append(each)

    def select(self, query: str) -> Selection:
        """Of a raw query: `tools`, with commas, of find, explain, all, groups and operation IDs; `readonly`. Raises McpQueryError:
        a misspelt `readonly` that counted for nothing would be a trap.
        """
        given = parse_qsl(query, keep_blank_values=True)
        values = dict(given)
        unknown = values.keys() - {"tools", "readonly"}
        if unknown or len(values) != len(given):
            raise McpQueryError(message="The parameters of this address are tools and readonly, each once.")
        reads_only = values.get("readonly", "false").casefold()
        if reads_only not in ("true", "false"):
            raise McpQueryError(message="readonly has to be true or false.")
        names = [each.strip().casefold() for each in values.get("tools", USUAL).split(",")]
        named = {each.tool: each for name in names if name != FIND for each in self._named(name)}
        return Selection(FIND in names, (*named.values(),), reads_only == "true")

    def _named(self, name: str) -> Collection[Offered]:
        if name == ALL:
            return self.all
        if name in self.by_id:
            return (self.by_id[name],)
        found = self.groups.get(_EXPLANATIONS if name == EXPLAIN else name)
        if found is None:
            raise McpQueryError(
                message="tools takes find, explain, all, groups of operations as Products, and operations as Products.Get."
            )
        return found


def _is_offered(operation: Operation) -> bool:
    # A file is nothing that a tool's answer could hold, and neither is what has no end.
    is_other = operation.gives_file or operation.takes_file > 0 or operation.streams
    is_left_out = operation.id in LEFT_OUT or _makes_secrets(operation)
    return not (operation.public or operation.for_browsers or is_other or is_left_out)


def _makes_secrets(operation: Operation) -> bool:
    """Whether its answer shows, this once, what opens something: masked, as for assistants, nobody would ever see it."""
    columns = () if operation.returns is None else operation.returns.model.__columns__.values()
    return any(column.read_only and column.confidential for column in columns)


def _kind(operation: Operation, parents: Collection[str]) -> Effect:
    """parents: the paths below which single things stand: a POST there makes one and touches no other."""
    if operation.verb == "GET" or operation.unit is Unit.READ:
        return Effect.READ
    if operation.verb == "DELETE":
        return Effect.DELETE
    return Effect.CREATE if operation.verb == "POST" and shape(operation.path) in parents else Effect.CHANGE


def _tool(operation: Operation) -> str:
    group, _, rest = operation.id.partition(".")
    return f"explain_{rest.lower()}" if group.casefold() == _EXPLANATIONS else f"{group}_{rest}"
