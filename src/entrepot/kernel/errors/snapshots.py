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


class NoSnapshotFileError(ApiError):
    code = "SnapshotFile.Unknown"
    message = "This is no snapshot of Entrepot."


class NewerSnapshotFileError(ApiError):
    code = "SnapshotFile.Newer"

    def __init__(self, what: str) -> None:
        super().__init__(
            message=f"A newer version of Entrepot has made the file ({what}), which this one cannot read."
        )


class OlderSnapshotFileError(ApiError):
    code = "SnapshotFile.Older"

    def __init__(self, version: str, schema: str, own: str) -> None:
        super().__init__(
            {"Version": version, "Schema": schema},
            message=f"Version {version} of Entrepot has made the file, with schema {schema}; this one has schema {own}. Import it there, upgrade,"
            " and export it again.",
        )


class CutSnapshotFileError(ApiError):
    code = "SnapshotFile.Cut"
    message = "The file ends before its end. Nothing was imported."


class ChangedSnapshotFileError(ApiError):
    code = "SnapshotFile.Changed"
    message = "The file is not what was exported: it has been changed, or damaged. Nothing was imported."


class LargeSnapshotFileError(ApiError):
    code = "SnapshotFile.TooLarge"
    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__({"MaxBytes": limit}, message=f"A snapshot cannot exceed {limit} bytes.")


class InvalidPassphraseError(ApiError):
    code = "SnapshotFile.InvalidPassphrase"
    message = (
        "The file's passphrase has 12 to 200 printable characters of ASCII. "
        "It stands in the header Entrepot-Passphrase; the command line takes it from ENTREPOT_PASSPHRASE, or asks for it."
    )


class WrongPassphraseError(ApiError):
    code = "SnapshotFile.WrongPassphrase"
    message = "The passphrase is not the file's."


class ClientTakenError(ApiError):
    code = "Copies.ClientTaken"
    status = 409
    message = (
        "Another marketplace of the server has an API client with an ID that the snapshot has. Make a marketplace of it instead, in which clients get"
        " IDs of their own."
    )


def _told(line: int, path: str, message: str) -> str:
    return ": ".join(part for part in (f"line {line}" if line else "", path, message) if part)
