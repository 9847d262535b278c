"""What Azure's services refuse, in few words: their own ones describe requests down to the signature."""

from __future__ import annotations

import re

from azure.core.exceptions import AzureError, HttpResponseError

from entrepot.features.people.deliveries.targets.outcomes import failed, judged, refused
from entrepot.features.people.outgoing.answers import Answer

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]{0,79}")


def answer_of(error: Exception) -> Answer:
    """What an error of a client is worth."""
    if isinstance(error, HttpResponseError) and error.status_code is not None:
        code = getattr(error, "error_code", None) or error.__class__.__name__
        code = getattr(code, "value", code)
        said = str(code) if _CODE.fullmatch(str(code)) else "an error"
        return judged(error.status_code, f"The service answers {error.status_code}, {said}.")
    if isinstance(error, AzureError):
        # Of the transport, hence in our words.
        return failed(str(error.message))
    return refused("The ConnectionString has a key that is none.")
