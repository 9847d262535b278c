"""Failures on purpose, as rules of a marketplace ask for them."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError, ErrorItem


class InjectedFaultError(ApiError):
    """What a rule answers in place of the operation: with the status, code, message and Retry-After of the rule."""

    code = "Fault.Injected"
    status = 500
    message = "A fault of this marketplace asks for this failure."

    def __init__(
        self, rule: str, status: int, code: str | None, message: str | None, retry_after: int | None
    ) -> None:
        super().__init__({"FaultID": rule}, message=message or None)
        self.status = status  # type: ignore[misc] # of this one alone
        self._code = code or self.code
        self._retry_after = retry_after

    def items(self) -> tuple[ErrorItem, ...]:
        return (ErrorItem(self._code, self.text, self.data),)

    def headers(self) -> dict[str, str]:
        return {} if self._retry_after is None else {"Retry-After": str(self._retry_after)}


class ConnectionCutError(ApiError):
    """A rule wants the connection closed without an answer: nobody gets this one but who asks without a connection."""

    code = "Fault.ConnectionCut"
    status = 502
    message = "A fault of this marketplace cuts the connection here."

    def __init__(self, rule: str) -> None:
        super().__init__({"FaultID": rule})


class UnknownFaultOperationError(ApiError):
    code = "Fault.UnknownOperation"
    message = "No operation that can fail on purpose has such an ID."

    def __init__(self, operation: str) -> None:
        super().__init__({"OperationID": operation})
