"""The refusals that every operation shares (conventions spec, section 4)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from entrepot.kernel.errors.error import ApiError, ErrorItem


class ServerError(ApiError):
    status = 500


class NotFoundError(ApiError):
    """ERR-2: Data is always an object; client libraries dereference it."""

    code = "NotFound"
    status = 404
    message = "Object not found."

    def __init__(self, object_type: str, object_id: str) -> None:
        super().__init__({"ObjectType": object_type, "ObjectID": object_id})


class AllNotFoundError(NotFoundError):
    """Several references of one body that name nothing, in the order of its properties."""

    def __init__(self, *errors: NotFoundError) -> None:
        self.errors = errors
        ApiError.__init__(self, errors[0].data)

    def items(self) -> tuple[ErrorItem, ...]:
        return tuple(item for error in self.errors for item in error.items())


class RouteNotFoundError(NotFoundError):
    def __init__(self, verb: str, path: str) -> None:
        super().__init__("Route", f"{verb} {path}")


class MethodNotAllowedError(ApiError):
    code = "MethodNotAllowed"
    status = 405

    def __init__(self, verb: str, allowed: Iterable[str]) -> None:
        self.allowed = tuple(allowed)
        super().__init__(message=f"Method {verb} not allowed.")

    def headers(self) -> dict[str, str]:
        return {"Allow": ", ".join(self.allowed)}


class IdExistsError(ApiError):
    code = "IdExists"
    status = 409
    message = "Object already exists."

    def __init__(self, object_type: str, object_id: str) -> None:
        super().__init__({"ObjectType": object_type, "ObjectID": object_id})


class InvalidBodyError(ApiError):
    code = "Request.InvalidRequestBody"
    message = "Request body is invalid or null."


class XpNullsError(ApiError):
    code = "Request.InvalidXpNulls"
    message = "Entrepot-Xp-Nulls can only be remove."


class BodyTooLargeError(ApiError):
    code = "Request.BodyTooLarge"
    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__({"MaxBytes": limit}, message=f"Request body cannot exceed {limit} bytes.")


class BodyTooManyValuesError(ApiError):
    code = "Request.BodyTooLarge"
    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__({"MaxValues": limit}, message=f"Request body cannot hold more than {limit} values.")


class MalformedRequestError(ApiError):
    code = "Request.Malformed"
    message = "The request is not valid HTTP."


class RequestTimeoutError(ApiError):
    code = "Request.Timeout"
    status = 408
    message = "The request did not come in time."


class UrlTooLongError(ApiError):
    code = "Request.UrlTooLong"
    status = 414

    def __init__(self, limit: int) -> None:
        super().__init__({"MaxBytes": limit}, message=f"The URL cannot exceed {limit} bytes.")


class HeadersTooLargeError(ApiError):
    code = "Request.HeadersTooLarge"
    status = 431

    def __init__(self, limit: int) -> None:
        super().__init__(
            {"MaxBytes": limit}, message=f"Request line and headers cannot exceed {limit} bytes."
        )


class ConflictingWriteError(ApiError):
    """Two writes met and the database chose the other one; the request may be sent again."""

    code = "Conflict"
    status = 409
    message = "The object was changed by another request at the same time. Please try again."


class ApiOfflineError(ApiError):
    code = "Api.Offline"
    status = 503
    message = "The server cannot reach its database. Please try again later."
    retry_after: ClassVar[int] = 5
    """Seconds after which another try is worth while (HTTP-6)."""

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after)}


class BusyError(ApiOfflineError):
    """A marketplace's share of the database is taken, and has been for long, or many wait for it already."""

    message = "The server is busy with other requests of this marketplace. Please try again later."
    retry_after = 1


class StoppingError(ApiOfflineError):
    message = "The server is being stopped. Please try again later."
    retry_after = 1


class ClientGoneError(ApiError):
    """Nobody is there any more to read an answer. For the log alone, by the number that proxies use."""

    code = "Request.Abandoned"
    status = 499
    message = "The client has closed the connection."


class TooManyAttemptsError(ApiError):
    """HTTP-6. `seconds` from now an attempt is let in again."""

    code = "Request.TooManyAttempts"
    status = 429
    message = "Too many attempts. Please try again later."

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, math.ceil(seconds))
        super().__init__({"RetryAfter": self.seconds})

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.seconds)}


class TooBusyError(ApiError):
    """More work of one marketplace waits already than can be done soon."""

    code = "Api.Busy"
    status = 503
    message = "The server is busy. Please try again later."

    def headers(self) -> dict[str, str]:
        return {"Retry-After": "2"}


@dataclass(frozen=True, slots=True)
class PropertyError:
    """One bad property of a body."""

    message: str
    data: dict[str, Any]


class ValidationError(ApiError):
    """All bad properties of one body, in the contract's order (ERR-5)."""

    code = "ValidationFailure"
    message = "Model or property was invalid."

    def __init__(self, *properties: PropertyError) -> None:
        self.properties = properties
        super().__init__(message=properties[0].message if properties else None)

    def items(self) -> tuple[ErrorItem, ...]:
        if not self.properties:
            return super().items()
        return tuple(ErrorItem(self.code, p.message, p.data) for p in self.properties)
