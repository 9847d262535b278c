"""The kinds of targets by name: the properties of DeliveryTargets, and our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from entrepot.features.people.deliveries.events import URL
from entrepot.features.people.deliveries.targets.azure.targets import (
    AzureBlobTarget,
    AzureTableTarget,
    CosmosDbTarget,
)
from entrepot.features.people.deliveries.targets.content_hub import ContentHubTarget
from entrepot.features.people.deliveries.targets.http import HttpTarget
from entrepot.features.people.deliveries.targets.kafka.target import EventHubTarget, KafkaTarget
from entrepot.features.people.deliveries.targets.mail import MAIL, MAILBOX, MailboxTarget, MailTarget
from entrepot.features.people.deliveries.targets.mailchimp import MailchimpTarget
from entrepot.features.people.deliveries.targets.message_sender import MessageSenderTarget
from entrepot.features.people.deliveries.targets.search_ingestion import SearchIngestionTarget
from entrepot.features.people.deliveries.targets.target import Target
from entrepot.features.people.deliveries.targets.tracking import DiscoverEventTarget, SendEventTarget

TARGETS: Mapping[str, Callable[[], Target]] = {
    URL: HttpTarget,
    "Http": HttpTarget,
    MAIL: MailTarget,
    MAILBOX: MailboxTarget,
    "Kafka": KafkaTarget,
    "SearchIngestion": SearchIngestionTarget,
    "SendEvent": SendEventTarget,
    "DiscoverEvent": DiscoverEventTarget,
    "EventHub": EventHubTarget,
    "AzureBlob": AzureBlobTarget,
    "AzureTable": AzureTableTarget,
    "CosmosDb": CosmosDbTarget,
    "MessageSender": MessageSenderTarget,
    "ContentHub": ContentHubTarget,
    "Mailchimp": MailchimpTarget,
}
