"""What a marketplace has that no seed has: settings of integrations, generated codes and the like. It is found, and told."""

from __future__ import annotations

from urllib.parse import quote

from entrepot.declare.operation import Operation
from entrepot.declare.registry import Registry
from entrepot.features.seeding.remote.errors import GoneError, NotPermittedError
from entrepot.features.seeding.remote.findings import Findings
from entrepot.features.seeding.remote.known import Known
from entrepot.features.seeding.remote.listings import LEFT, settings_of
from entrepot.features.seeding.remote.paging import first_page
from entrepot.features.seeding.remote.source import Source


async def look_beside(registry: Registry, source: Source, known: Known, findings: Findings) -> None:
    """Find it, once all else is read. Raises RemoteError."""
    findings.set_there.clear()
    findings.left.clear()
    for operation in settings_of(registry):
        try:
            await source.get(operation.path)
        except (NotPermittedError, GoneError):
            continue
        findings.set_there.append(operation.id)
    for name, table in LEFT.items():
        for each in known.ids(table) if table else [""]:
            if count := await count_of(registry.operations[name], each, source, findings):
                findings.left[name] += count


async def count_of(operation: Operation, named: str, source: Source, findings: Findings) -> int:
    """How many things a list has under what its path names; 0 for one that is not to be read, which is found."""
    path = operation.path
    for parameter in operation.path_parameters:
        path = path.replace(f"{{{parameter}}}", quote(named, safe=""))
    try:
        return (await first_page(source, path, (), size=1)).total
    except NotPermittedError as error:
        findings.refused.setdefault(operation.id, str(error))
    except GoneError:
        pass
    return 0
