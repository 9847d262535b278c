"""The two addresses of a login by OpenID Connect."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.people.openid import login, returning

OPERATIONS: tuple[Operation, ...] = (login.log_in, returning.take_query, returning.take_form)
