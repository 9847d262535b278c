"""The portal's operations in this wing."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.people.portal import (
    confirming,
    contributors,
    forgotten,
    giving_up,
    grants,
    marketplaces,
    me,
    members,
    methods,
    people,
    pickers,
    regions,
    restores,
    returning,
    search_indexes,
    sign_up,
    staging,
    team_access,
    teams,
    tokens,
    user_access,
)

OPERATIONS: tuple[Operation, ...] = (
    *grants.OPERATIONS,
    *sign_up.OPERATIONS,
    *forgotten.OPERATIONS,
    *me.OPERATIONS,
    *methods.OPERATIONS,
    *returning.OPERATIONS,
    *confirming.OPERATIONS,
    *marketplaces.OPERATIONS,
    *giving_up.OPERATIONS,
    *contributors.OPERATIONS,
    *user_access.OPERATIONS,
    *people.OPERATIONS,
    *teams.OPERATIONS,
    *members.OPERATIONS,
    *team_access.OPERATIONS,
    *regions.OPERATIONS,
    *search_indexes.OPERATIONS,
    *pickers.OPERATIONS,
    *tokens.OPERATIONS,
    *staging.OPERATIONS,
    *restores.OPERATIONS,
)
