"""Steps of a plan as requests of the API: path, query and body.

What a file says of secrets counts when a record is created: passwords, secrets, and REDACTED for a random one. A change leaves those
of the marketplace as they are, whatever the file says.
"""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Operation
from entrepot.domain.differences.values import Difference, Path, changed
from entrepot.features.seeding.addressing import path_of, query_of
from entrepot.features.seeding.batches import Single
from entrepot.features.seeding.comparing.clients import with_clients
from entrepot.features.seeding.comparing.forms import UNSAID, Forms
from entrepot.features.seeding.placeholders import REDACTED, Placeholders
from entrepot.features.seeding.planning.plan import Action, Step

Values = dict[str, Any]


class Bodies:
    """Of one marketplace. `placeholders` know which of its API clients the file means by which ID."""

    def __init__(self, forms: Forms, placeholders: Placeholders) -> None:
        self._forms = forms
        self._placeholders = placeholders

    def single(self, step: Step, operation: Operation, *, without: str = "") -> Single:
        """The request that `operation` gets for a step; `without` names a property that is to stay what it is."""
        record = self.record(step)
        if without in record:
            record[without] = None if step.current is None else self._own(step).get(without)
        what = f"{step.kind.name}.{'/'.join(step.identity.values())}"
        line = 0 if step.wished is None else step.wished.line
        path = path_of(operation, record)
        if step.kind.section == "Objects":
            assert step.kind.resource is not None
            resource = step.kind.resource
            for within in resource.within:
                path[within.parameter] = record[within.column]
            named = record if step.action is Action.CREATE else self._own(step)
            path[resource.item] = str(step.kind.id_in(named, {}))
        # What no declaration describes is named by all of it.
        has_body = step.action is not Action.DELETE or step.kind.plain is not None
        body = record if has_body else None
        return Single(line, what, path, body, query_of(operation, record))

    def record(self, step: Step) -> Values:
        """With the marketplace's own IDs."""
        if step.wished is None:
            return self._own(step)
        filled = self._placeholders.fill(step.kind, step.wished.record)
        if step.action is Action.CREATE or (step.kind.section == "Assignments" and step.kind.plain is None):
            return filled
        return self._changed(step, filled)

    def _own(self, step: Step) -> Values:
        """The record as the marketplace has it."""
        assert step.current is not None
        own = with_clients(step.kind, step.current, self._placeholders.client_ids)
        return self._forms.filled(own)

    def _changed(self, step: Step, filled: Values) -> Values:
        own, kind = self._own(step), step.kind
        hidden = {column.name for column in kind.model.__columns__.values() if column.write_only}
        left = {name.lower() for name in (*hidden, *kind.secrets)}
        body = {name: value for name, value in filled.items() if name.lower() not in left}
        body |= {name: own[name] for name in kind.secrets if name not in hidden and name in own}
        body = {name: _kept(value, own.get(name)) for name, value in body.items()}
        for path in sorted(UNSAID.get(kind.name, ())):
            value = _at(own, path)
            if value is not None and _at(body, path) is None and _at(body, path[:-1]) is not None:
                body = changed(body, [Difference(path, None, value)])
        return body


def _kept(value: Any, own: Any) -> Any:
    """Without placeholders of secrets within, where the marketplace has some."""
    if not isinstance(value, dict) or not isinstance(own, dict):
        return value
    return {
        name: _kept(inner, own.get(name))
        for name, inner in value.items()
        if inner != REDACTED or own.get(name) != REDACTED
    }


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value
