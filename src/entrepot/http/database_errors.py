"""Database errors that a handler let through, as refusals: a fallback, not the way to find bad input."""

from __future__ import annotations

import structlog
from asyncpg.exceptions import InterfaceError, InternalClientError, PostgresError

from entrepot.declare.operation import Operation
from entrepot.kernel.errors import (
    ApiError,
    ApiOfflineError,
    ConflictingWriteError,
    IdExistsError,
    InvalidBodyError,
    NotFoundError,
    ValidationError,
)

CONFLICTS = frozenset({"40001", "40P01"})
"""serialization_failure, deadlock_detected"""
LOCK_NOT_AVAILABLE = "55P03"
UNIQUE_VIOLATION = "23505"
FOREIGN_KEY_VIOLATION = "23503"
DATA_EXCEPTIONS = "22"
UNREACHABLE = ("08", "25006", "25P03", "25P04", "53", "57P", "57014", "58")
"""Connection lost, a server that takes no writes, a transaction that took too long, resources exhausted (connections, disk),
shutting down, statement timeout, a disk that fails."""

log = structlog.get_logger("entrepot.http")


def sqlstate(error: PostgresError) -> str:
    state: str | None = getattr(error, "sqlstate", None)
    return state or ""


def is_conflict(error: Exception) -> bool:
    """Whether two transactions met and this one may simply be run again."""
    return isinstance(error, PostgresError) and sqlstate(error) in CONFLICTS


def translate(
    error: Exception, operation: Operation, path: dict[str, str], *, has_body: bool
) -> ApiError | None:
    """The refusal that a database error means, or None if the error is none of the known ones."""
    match error:
        case PostgresError():
            return _from_sqlstate(error, operation, path, has_body=has_body)
        case UnicodeEncodeError():
            return _bad_value(error, operation, has_body=has_body)
        case InterfaceError() if isinstance(error, ValueError):
            # The driver could not encode an argument.
            return _bad_value(error, operation, has_body=has_body)
        case InterfaceError() if "clos" not in str(error):
            # Not "connection is closed", "pool is closing" and the like, but a mistake of ours.
            return None
        case InterfaceError() | InternalClientError() | OSError():
            # InternalClientError is what asyncpg makes of a connection that ends where it did not expect it. TimeoutError
            # is an OSError.
            log.warning("database unreachable", operation=operation.id, error=repr(error))
            return ApiOfflineError()
        case _:
            return None


def _from_sqlstate(
    error: PostgresError, operation: Operation, path: dict[str, str], *, has_body: bool
) -> ApiError | None:
    state = sqlstate(error)
    if state in CONFLICTS or state == LOCK_NOT_AVAILABLE:
        return ConflictingWriteError()
    if state == UNIQUE_VIOLATION:
        log.warning("unique violation reached the pipeline", operation=operation.id, error=str(error))
        return IdExistsError(_object_type(operation), _object_id(path))
    if state == FOREIGN_KEY_VIOLATION:
        log.warning("foreign key violation reached the pipeline", operation=operation.id, error=str(error))
        return NotFoundError(_object_type(operation), _object_id(path))
    if state.startswith(DATA_EXCEPTIONS):
        return _bad_value(error, operation, has_body=has_body)
    if state.startswith(UNREACHABLE):
        log.warning("database unreachable", operation=operation.id, sqlstate=state, error=str(error))
        return ApiOfflineError()
    return None


def _bad_value(error: Exception, operation: Operation, *, has_body: bool) -> ApiError:
    log.warning("bad value reached the database", operation=operation.id, error=str(error))
    return InvalidBodyError() if has_body else ValidationError()


def _object_type(operation: Operation) -> str:
    if operation.returns is not None:
        return operation.returns.model.__name__
    if operation.body is not None:
        return operation.body.model.__name__
    return operation.tag


def _object_id(path: dict[str, str]) -> str:
    return next(reversed(path.values()), "")
