"""The page of docs/reference about messages: `python -m entrepot.app.message_types > docs/reference/messages.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from entrepot.domain.messages.declared import ALL

HEAD = (
    "# Messages to people",
    "",
    "Made from `domain/messages/declared.py` by `entrepot.app.message_types`. Each message goes to each recipient once for every",
    "message sender that reaches it: one with the type, assigned to the recipient's company or one of its groups, or one that all",
    "buyers may use (AllowAllBuyers). Users who are not active, or whose company is not, get none.",
    "",
    "A sender is sent `OcLogIdHeader` (of the request that caused it), `Environment`, `BuyerID` (null unless it is a buyer's user),",
    "`UserToken`, `Recipient` (the whole user), `CCList` (an array, at most 100 addresses), `MessageType`, `ConfigData` (the sender's `xp`)",
    "and `EventBody`. The token is the recipient's, of the API client through which the event came where that admits the recipient, with",
    "the sender's `ElevatedRoles` besides; it holds half an hour at most, and ends with roles that the sender elevates no more. What no",
    "sender takes is [mailed](../guide/mail.md), or kept in the mailbox. What a message says is read when it is sent: one whose order has",
    "gone by then is a failed delivery. [A guide](../guide/messages.md) shows it all.",
    "",
    "| MessageType | sent when | to | EventBody |",
    "|---|---|---|---|",
)


def messages() -> str:
    """The page, as Markdown."""
    return "\n".join(_messages()) + "\n"


def _messages() -> Iterator[str]:
    yield from HEAD
    for each in ALL:
        body = ", ".join(f"`{name}`" for name in each.body)
        yield f"| {each.type} | {each.when} | {each.to} | {body} |"


if __name__ == "__main__":
    sys.stdout.write(messages())
