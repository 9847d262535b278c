"""Which targets this installation can deliver to: some need packages that are not installed with the server."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, distribution

EXTRA = "entrepot[azure]"
NEEDS = {
    "AzureBlob": "azure-storage-blob",
    "AzureTable": "azure-data-tables",
    "CosmosDb": "azure-cosmos",
}


def lacking(target: str) -> str | None:
    """The package that a target lacks here."""
    package = NEEDS.get(target)
    return None if package is None or _is_installed(package) else package


@cache
def _is_installed(package: str) -> bool:
    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True
