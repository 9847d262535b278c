"""A server, and the marketplaces for tests that it makes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from entrepot.testing.answers import answered, client
from entrepot.testing.asking import NoServerError, SeedError, read_seed, require_made, unreached
from entrepot.testing.marketplace import Marketplace

__all__ = ["NoServerError", "SeedError", "Server"]
PATH = "/entrepot/v1/marketplaces"
DEMO = "demo"


class Server:
    """A running server, and what opens its test bench: the setting `test_bench_key`.

    url: where it is, without a slash at the end. seed: of what marketplaces are made, if nothing else is said: the name of a seed of the
    server's, or a seed file.
    """

    def __init__(self, url: str, key: str, seed: str | Path = DEMO) -> None:
        self.url = url.rstrip("/")
        self.seed = seed
        self._bench = client(self.url, key)

    @contextmanager
    def marketplace(
        self,
        *,
        seed: str | Path | None = None,
        of: Marketplace | None = None,
        name: str = "Test",
        ttl: str = "PT1H",
    ) -> Iterator[Marketplace]:
        """A fresh marketplace: of the server's seed, of another one, or a copy of what a marketplace of this server holds now. Deleted at
        the end of the block, or when its time to live is over where nobody comes to that. Raises NoServerError, SeedError and
        RefusedError.
        """
        asked = {"From": self._origin(seed, of), "Name": name[:100], "TTL": ttl}
        try:
            answer = self._bench.post(PATH, json=asked)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise unreached(self.url, error) from None
        require_made(answer, self.url, None if of else seed or self.seed)
        marketplace = Marketplace(self.url, answered(answer), of)
        try:
            yield marketplace
        finally:
            marketplace.close()
            answered(self._bench.delete(f"{PATH}/{marketplace.id}"))

    def close(self) -> None:
        """Close its client."""
        self._bench.close()

    def _origin(self, seed: str | Path | None, of: Marketplace | None) -> dict[str, str]:
        if of is not None:
            return {"MarketplaceID": of.id}
        seed = seed or self.seed
        return {"Seed": seed} if isinstance(seed, str) else {"Document": read_seed(seed)}
