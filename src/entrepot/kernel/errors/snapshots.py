"""Refusals about copies of marketplaces."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.kernel.errors.error import ApiError, ErrorItem


class TooManyCopiesError(ApiError):
    code = "Copies.TooMany"
    status = 409
    message = "The marketplace has as many copies as it may have. Delete some first."


class CopyDurationError(ApiError):
    code = "Copies.InvalidDuration"
    message = "TTL is a duration of at most 30 days, as PT1H or P1D."


class CopyOriginError(ApiError):
    code = "Copies.InvalidOrigin"
    message = "From names one thing that a marketplace is to be made of: Seed, Document, SnapshotID or MarketplaceID."


class RefusedSeedError(ApiError):
    """All that is wrong with a seed: line (from 1; 0 is none), path and message of each."""

    code = "Seed.Refused"
    message = "The seed has errors. Nothing was made."

    def __init__(self, problems: Sequence[tuple[int, str, str]]) -> None:
        self.problems = problems
        super().__init__()

    def items(self) -> tuple[ErrorItem, ...]:
        if not self.problems:
            return super().items()
        return tuple(
            ErrorItem(self.code, _told(*each), {"Line": each[0] or None, "Path": each[1] or None})
            for each in self.problems
        )


class SeedTooLargeError(ApiError):
    code = "Seed.TooLarge"
    message = (
        "To make a marketplace of the seed takes longer than a request may. `entrepot seed` has the time."
    )


class TestMarketplaceNeededError(ApiError):
    __test__ = False

    code = "TestBench.MarketplaceNeeded"
    message = "The key stands for no marketplace. Name one that was made with it in the header Entrepot-Marketplace."


def _told(line: int, path: str, message: str) -> str:
    return ": ".join(part for part in (f"line {line}" if line else "", path, message) if part)
