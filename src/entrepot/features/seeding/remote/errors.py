"""Why a marketplace cannot be read from another server. Each says so to a person."""

from __future__ import annotations


class RemoteError(Exception):
    """Nothing can be read there, or nothing more."""


class BadAddressError(RemoteError):
    """The URL leads nowhere that may be asked."""


class StrangerError(RemoteError):
    """What answers there does not speak OrderCloud."""


class LoginRefusedError(RemoteError):
    """The API client, its secret or its user is refused."""


class SourceLostError(RemoteError):
    """It has stopped answering, or answers errors only. What was read until then is good, and can be gone on from."""


class NotPermittedError(Exception):
    """The token may not call this operation."""


class GoneError(Exception):
    """What the path leads through is not there, or no longer."""


class RefusedRequestError(RemoteError):
    """A request is refused as such: what answers is another version of the API, or no Entrepot knows why."""
