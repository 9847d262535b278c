"""Refusals about requests that are sent together."""

from __future__ import annotations

from typing import Any

from entrepot.kernel.errors.error import LONGEST_ECHO, ApiError, ErrorItem


class BatchRequestError(ApiError):
    """A request of a batch was refused: its place, and after that its own errors, with its status and headers."""

    code = "Batch.RequestRefused"
    message = "A request of the batch was refused; none of them has been carried out."

    def __init__(self, index: int, label: str, refusal: ApiError) -> None:
        self.refusal = refusal
        self.status = refusal.status  # type: ignore[misc] # of this one alone
        data: dict[str, Any] = {"Index": index, "Label": label or None, "Status": refusal.status}
        super().__init__(data)

    def items(self) -> tuple[ErrorItem, ...]:
        return (*super().items(), *self.refusal.items())

    def headers(self) -> dict[str, str]:
        # Which verbs a path has is said of the path of the batch.
        return {name: value for name, value in self.refusal.headers().items() if name != "Allow"}


class DuplicateLabelError(ApiError):
    code = "Batch.DuplicateLabel"
    message = "Another request of the batch has this label."

    def __init__(self, label: str) -> None:
        super().__init__({"Label": label})


class ReferenceTroubleError(ApiError):
    """Something is wrong with a reference to an earlier answer."""

    def __init__(self, reference: str) -> None:
        super().__init__({"Reference": reference[:LONGEST_ECHO]})


class MalformedReferenceError(ReferenceTroubleError):
    code = "Batch.MalformedReference"
    message = "A reference is written ${label.Property}; $${ stands for a plain ${."


class UnknownReferenceError(ReferenceTroubleError):
    code = "Batch.UnknownReference"
    message = "No request of the batch has this label or place."


class ForwardReferenceError(ReferenceTroubleError):
    code = "Batch.ForwardReference"
    message = "A request can refer to the answers of those before it only."


class NothingAtReferenceError(ApiError):
    code = "Batch.NothingAtReference"
    message = "The answer has nothing at this reference."

    def __init__(self, reference: str, step: str) -> None:
        super().__init__({"Reference": reference[:LONGEST_ECHO], "Missing": step[:LONGEST_ECHO]})


class UnfitReferenceError(ReferenceTroubleError):
    code = "Batch.UnfitReference"
    message = "Within a text a reference has to lead to a text, a number or a boolean, and in a path to something that names what the path names."


class ReferencesTooLargeError(ApiError):
    code = "Batch.ReferencesTooLarge"
    status = 413

    def __init__(self, most_bytes: int, most_values: int) -> None:
        data = {"MaxBytes": most_bytes, "MaxValues": most_values}
        super().__init__(
            data, message="What references stand for makes the batch larger than one may be that is sent."
        )


class TooManyReferencesError(ApiError):
    code = "Batch.TooManyReferences"

    def __init__(self, most: int) -> None:
        super().__init__(
            {"MaxReferences": most}, message=f"A request of a batch can have {most} references at most."
        )


class AnswersTooLargeError(ApiError):
    code = "Batch.AnswersTooLarge"
    status = 413

    def __init__(self, most_bytes: int, most_values: int) -> None:
        super().__init__(
            {"MaxBytes": most_bytes, "MaxReferredValues": most_values},
            message=f"The answers of a batch cannot have more than {most_bytes} bytes, and those that others refer to no more than"
            f" {most_values} values.",
        )


class NotInBatchError(ApiError):
    code = "Batch.OperationNotPossible"
    message = "This operation cannot be carried out within a batch."

    def __init__(self, operation: str) -> None:
        super().__init__({"OperationID": operation})


class CallsAbroadError(ApiError):
    code = "Batch.CallsAbroad"
    message = "This request needs the answer of another system, for which no transaction is kept open. Send it by itself."

    def __init__(self, operation: str) -> None:
        super().__init__({"OperationID": operation})


class BatchTimeoutError(ApiError):
    code = "Batch.TookTooLong"
    status = 503

    def __init__(self, seconds: float) -> None:
        super().__init__(
            {"MaxSeconds": seconds},
            message=f"The batch took longer than {seconds:g} seconds; none of its requests has been carried out.",
        )
