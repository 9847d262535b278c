"""Where a message goes: senders may ask for an address of each type (MS-2)."""

from __future__ import annotations

import re

_TYPE = re.compile(r"\{messagetype\}", re.IGNORECASE)


def address(template: str, message_type: str) -> str:
    """The URL or endpoint of a sender, with the type in lower case for `{messagetype}`: `.../ordersubmitted`."""
    return _TYPE.sub(message_type.lower(), template)
