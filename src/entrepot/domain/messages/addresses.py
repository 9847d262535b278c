"""Where a message goes: senders may ask for an address of each type (MS-2)."""

from __future__ import annotations

import re
from urllib.parse import quote

_TYPE = re.compile(r"\{messagetype\}", re.IGNORECASE)


def address(template: str, message_type: str | None) -> str:
    """The URL or endpoint of a sender, with the type in lower case for `{messagetype}`: `.../ordersubmitted`."""
    name = quote((message_type or "").lower(), safe="")
    return _TYPE.sub(lambda _: name, template)
