"""Mailchimp's transactional e-mail: the template that is named like the message type, with flat variables (MS-9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrepot.domain.deliveries.merge_variables import merge_variables
from entrepot.features.people.deliveries.targets.envelopes import payload
from entrepot.features.people.deliveries.targets.outcomes import delivered, failed, refused
from entrepot.features.people.deliveries.targets.services_abroad import ServiceTarget, called
from entrepot.features.people.deliveries.targets.target import Sending
from entrepot.features.people.outgoing.answers import Answer
from entrepot.kernel.errors import InvalidBodyError

API = "https://mandrillapp.com/api/1.0"
PASSING = frozenset({"GeneralError", "ServiceUnavailable", "Too_Many_Requests"})
"""Of its errors, which it names in the body whatever the status."""
NOT_SENT = frozenset({"rejected", "invalid"})


class MailchimpTarget(ServiceTarget):
    """POST messages/send-template."""

    def __init__(self, api: str = API) -> None:
        self._api = api

    async def tell(self, sending: Sending) -> Answer:
        message = await payload(sending.body)
        recipient = message.get("Recipient")
        if not isinstance(recipient, Mapping) or not recipient.get("Email"):
            return refused("Mailchimp takes messages to people only, and this one has no recipient.")
        key = str(sending.config["ApiKey"])
        asked = {
            "key": key,
            "template_name": str(message.get("MessageType") or sending.type),
            "template_content": [],
            "message": _message(message, recipient, sending.delivery_id),
        }
        url = f"{self._api}/messages/send-template"
        return _understood(await called(sending, "POST", url, asked, secrets=[key]))


def _message(message: Mapping[str, Any], recipient: Mapping[str, Any], delivery_id: str) -> dict[str, Any]:
    names = (recipient.get("FirstName"), recipient.get("LastName"))
    copies = message.get("CCList")
    to = {
        "email": recipient["Email"],
        "name": " ".join(str(each) for each in names if each),
        "type": "to",
    }
    variables = merge_variables(message)
    return {
        "to": [
            to,
            *({"email": each, "type": "cc"} for each in (copies if isinstance(copies, list) else ())),
        ],
        "merge": True,
        "merge_language": "handlebars",
        "global_merge_vars": [{"name": name, "content": value} for name, value in variables.items()],
        "metadata": {"delivery": delivery_id},
    }


def _understood(answer: Answer) -> Answer:
    """What Mailchimp means: an error has a name, and a letter may be refused though the call succeeded."""
    try:
        value = answer.content.value if answer.status is not None else None
    except InvalidBodyError:
        value = None
    if isinstance(value, dict) and isinstance(value.get("name"), str) and not answer.succeeded:
        text = f"Mailchimp: {value['name'][:100]}"
        return (failed if value["name"] in PASSING else refused)(text, answer.status)
    if answer.succeeded and isinstance(value, list):
        letters = [each for each in value if isinstance(each, dict)]
        if letters and all(each.get("status") in NOT_SENT for each in letters):
            reason = letters[0].get("reject_reason") or letters[0]["status"]
            return refused(f"Mailchimp does not send to the recipient: {str(reason)[:100]}", 400)
        return delivered()
    return answer
