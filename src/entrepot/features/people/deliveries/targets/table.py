"""The kinds of targets by name: the properties of DeliveryTargets, and our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from entrepot.features.people.deliveries.events import URL
from entrepot.features.people.deliveries.targets.http import HttpTarget
from entrepot.features.people.deliveries.targets.mail import MAIL, MAILBOX, MailboxTarget, MailTarget
from entrepot.features.people.deliveries.targets.target import Target

TARGETS: Mapping[str, Callable[[], Target]] = {
    URL: HttpTarget,
    "Http": HttpTarget,
    MAIL: MailTarget,
    MAILBOX: MailboxTarget,
}
