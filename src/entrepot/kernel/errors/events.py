"""Refusals about streams of events."""

from __future__ import annotations

from entrepot.kernel.errors.error import LONGEST_ECHO, ApiError


class EventNumberError(ApiError):
    code = "Events.InvalidNumber"
    message = "The number of an event is a whole number from 0 on."

    def __init__(self, name: str, value: str) -> None:
        super().__init__({"Name": name, "Value": value[:LONGEST_ECHO]})


class EventAheadError(ApiError):
    code = "Events.UnknownNumber"
    message = "No event of this marketplace has come to this number yet."

    def __init__(self, last: int) -> None:
        super().__init__({"Last": last})


class EventsForgottenError(ApiError):
    """Some events after a number are known no more: whoever goes on from it would miss them."""

    code = "Events.Forgotten"
    status = 410
    message = (
        "Events after this number are kept no longer. Read anew what matters, and listen without a number."
    )

    def __init__(self, first: int, last: int) -> None:
        super().__init__({"First": first, "Last": last})


class EventFilterError(ApiError):
    code = "Events.UnknownFilter"
    message = "No event can be of this kind; filters are type, operation, verb and id."

    def __init__(self, name: str, value: str) -> None:
        super().__init__({"Name": name, "Value": value[:LONGEST_ECHO]})


class TooManyListenersError(ApiError):
    code = "Events.TooManyListeners"
    status = 429
    message = "As many listen already as may at once."
    retry_after = 10

    def __init__(self, most: int) -> None:
        super().__init__({"Most": most})

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after)}
