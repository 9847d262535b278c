"""Delivery targets: where messages of integrations go (DC-1, DC-2)."""

from __future__ import annotations

from entrepot.declare.types import MAX_FOREIGN_SECRET, Text, Xp
from entrepot.declare.wire import Wire, column


class KafkaConfig(Wire):
    """A topic of a Kafka cluster."""

    BootstrapServers: Text = column(required=True)
    SaslUsername: Text = column(required=True)
    SaslPassword: Text = column(required=True, write_only=True, bound=MAX_FOREIGN_SECRET)
    Topic: Text = column(required=True)


class HttpConfig(Wire):
    """A URL that takes signed messages."""

    Endpoint: Text = column(required=True)
    Secret: Text = column(required=True, write_only=True, max=50)
    CustomAuthHeaderName: Text = column()
    CustomAuthHeaderValue: Text = column(write_only=True, max=50)


class SearchIngestionHttpContent(Wire):
    """A URL that tells more about each product."""

    Endpoint: Text = column(required=True)
    CustomAuthHeaderName: Text = column()
    CustomAuthHeaderValue: Text = column(write_only=True)


class SearchIngestionContent(Wire):
    """What products are merged with before they are ingested (DC-5)."""

    Locales: list[Text] = column(required=True)
    Http: SearchIngestionHttpContent = column()


class SearchIngestion(Wire):
    """The ingestion interface of a search service."""

    Domain: Text = column(required=True)
    Source: Text = column(required=True)
    Endpoint: Text = column(required=True)
    Entity: Text = column(required=True)
    ApiKey: Text = column(required=True, write_only=True)
    Content: SearchIngestionContent = column()


class SendEvent(Wire):
    """The event interface of an e-mail marketing service."""

    SiteID: Text = column(required=True)
    ServiceEndpoint: Text = column(required=True)


class DiscoverEvent(Wire):
    """The event interface of a recommendation service."""

    ClientID: Text = column(required=True)
    ApiKey: Text = column(required=True, write_only=True)
    ServiceEndpoint: Text = column(required=True)


class EventHubConfig(Wire):
    """An Azure event hub."""

    EventHubName: Text = column(required=True)
    ConnectionString: Text = column(required=True, write_only=True)


class AzureBlobConfig(Wire):
    """A container of Azure Blob Storage."""

    ConnectionString: Text = column(required=True, write_only=True)
    OverrideContainerName: Text = column()


class AzureTableConfig(Wire):
    """A table of Azure Table Storage."""

    ConnectionString: Text = column(required=True, write_only=True)
    OverrideTableName: Text = column()


class CosmosDbConfig(Wire):
    """A database of Azure Cosmos DB."""

    ConnectionString: Text = column(required=True, write_only=True)
    OverrideDatabaseName: Text = column()


class MandrillConfig(Wire):
    """The former name of MailchimpConfig."""

    ApiKey: Text = column(required=True, write_only=True, max=50)


class MailchimpConfig(Wire):
    """The transactional e-mail of Mailchimp."""

    ApiKey: Text = column(required=True, write_only=True, max=50)


class MessageSenderConfig(Wire):
    """A URL that takes messages to people, `{messagetype}` in it being replaced (MS-2)."""

    Secret: Text = column(required=True, write_only=True, max=50)
    Endpoint: Text = column(required=True)


class ContentHubConfig(Wire):
    """A content hub. ConfigData maps properties to its schema."""

    ApiKey: Text = column(required=True, write_only=True, max=50)
    Endpoint: Text = column(required=True)
    TargetSchemaName: Text = column(required=True)
    ConfigData: Xp = column()


class DeliveryTargets(Wire):
    """A message goes to every target that is set."""

    Kafka: KafkaConfig = column()
    Http: HttpConfig = column()
    SearchIngestion: SearchIngestion = column()
    SendEvent: SendEvent = column()
    DiscoverEvent: DiscoverEvent = column()
    EventHub: EventHubConfig = column()
    AzureBlob: AzureBlobConfig = column()
    AzureTable: AzureTableConfig = column()
    CosmosDb: CosmosDbConfig = column()
    Mandrill: MandrillConfig = column()
    MessageSender: MessageSenderConfig = column()
    ContentHub: ContentHubConfig = column()
    Mailchimp: MailchimpConfig = column()
