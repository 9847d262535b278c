"""API clients, their secrets and their companies (auth spec section 7)."""

from __future__ import annotations

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity, Parent, Stored
from entrepot.declare.feeds import Feed, Feeds
from entrepot.declare.operation import QueryParameter
from entrepot.declare.resource import CRUD, Resource, Verb, Within
from entrepot.declare.roles import SELLERS_ONLY, Roles
from entrepot.declare.types import MAX_CLIENT_SECRET, Bool, Date, Id, Int, Text, Xp
from entrepot.declare.wire import Grants, Wire, column
from entrepot.domain.identity.api_roles import ApiRole
from entrepot.domain.identity.clients import ACCESS_MINUTES
from entrepot.features.people.identity.computed import user_of
from entrepot.features.people.identity.giving import ACTS_AS, OPENS_CLIENT
from entrepot.features.people.integrations.references import EVENT_REFERENCE, event_name
from entrepot.features.people.oauth.hooks import ApiClientHooks, ApiClientSecretHooks
from entrepot.kernel.ids import new_guid

ASSIGNED_COUNT = (
    "SELECT count(*)::int FROM api_client_assignments aca "
    'WHERE aca.marketplace_id = :marketplace_id AND aca."ApiClientID" = t."ID" AND aca."{party}" IS NOT NULL'
)


class ApiClient(Wire):
    """An application that logs users in."""

    ID: Id = column(read_only=True)
    ClientSecret: Text = column(stored=False, bound=MAX_CLIENT_SECRET, grants=OPENS_CLIENT, confidential=True)
    AccessTokenDuration: Int = column(required=True, minimum=ACCESS_MINUTES[0], maximum=ACCESS_MINUTES[1])
    Active: Bool = column()
    AppName: Text = column(required=True)
    RefreshTokenDuration: Int = column(minimum=0, maximum=524160)
    AnonymousTokenDuration: Int = column(default=10080, nullable=True)
    DefaultContextUserName: Text = column(
        computed=user_of("default_context_user_key", "Username"), grants=ACTS_AS
    )
    xp: Xp = column()
    AllowAnyBuyer: Bool = column()
    AllowAnySupplier: Bool = column()
    AllowSeller: Bool = column()
    IsAnonBuyer: Bool = column()
    AssignedBuyerCount: Int = column(read_only=True, computed=ASSIGNED_COUNT.format(party="BuyerID"))
    AssignedSupplierCount: Int = column(read_only=True, computed=ASSIGNED_COUNT.format(party="SupplierID"))
    OrderCheckoutIntegrationEventID: Id = column(references=EVENT_REFERENCE)
    OrderCheckoutIntegrationEventName: Text = column(
        read_only=True, computed=event_name("OrderCheckoutIntegrationEventID")
    )
    OrderReturnIntegrationEventID: Id = column(references=EVENT_REFERENCE)
    OrderReturnIntegrationEventName: Text = column(
        read_only=True, computed=event_name("OrderReturnIntegrationEventID")
    )
    AddToCartIntegrationEventID: Id = column(references=EVENT_REFERENCE)
    AddToCartIntegrationEventName: Text = column(
        read_only=True, computed=event_name("AddToCartIntegrationEventID")
    )
    MinimumRequiredRoles: list[ApiRole] = column()
    MinimumRequiredCustomRoles: list[Text] = column()
    MaximumGrantedRoles: list[ApiRole] = column(grants=Grants())
    MaximumGrantedCustomRoles: list[Text] = column(grants=Grants())


class ApiClientSecret(Wire):
    """A secret of an API client; its value is shown once, on creation (AUTH-42)."""

    ID: Id = column()
    Name: Text = column(required=True)
    Expiration: Date = column(nullable=True)


class ApiClientSecretCreateResponse(Wire):
    """A new secret with its value."""

    ClientSecret: Text = column(read_only=True, confidential=True)
    ID: Id = column()
    Name: Text = column(required=True)
    Expiration: Date = column(nullable=True)


class ApiClientAssignment(Wire):
    """A company whose users may log in through the client (AUTH-41)."""

    ApiClientID: Id = column(required=True)
    BuyerID: Id = column()
    SupplierID: Id = column()


API_CLIENT = Entity(
    model=ApiClient,
    table="api_clients",
    object_type="ApiClient",
    generate_id=new_guid,
    stored=(
        Stored(name="client_secret_encrypted", type="bytea"),
        Stored(name="default_context_user_key", type="bigint", references="users", on_delete="refuse"),
    ),
    feeds=(Feeds(feed=Feed.SECURITY, columns=("ID", "Active"), new_rows=False),),
)
API_CLIENT_SECRET = Entity(
    model=ApiClientSecret,
    table="api_client_secrets",
    object_type="ApiClientSecret",
    parents=(Parent("ApiClientID", "api_clients"),),
    stored=(
        Stored(name="secret_hash", type="text", nullable=False),
        Stored(name="fingerprint", type="bytea", nullable=False),
        Stored(name="created_at", type="timestamptz", nullable=False),
    ),
)

API_CLIENTS = Resource(
    name="ApiClients",
    entity=API_CLIENT,
    path="/apiclients",
    item="apiClientID",
    roles=Roles.named("ApiClient"),
    access=SELLERS_ONLY,
    search=("ID", "AppName", "DefaultContextUserName"),
    sort=("ID", "AppName", "DefaultContextUserName"),
    hooks=ApiClientHooks(),
)
API_CLIENT_SECRETS = Resource(
    name="ApiClients",
    noun="Secret",
    verbs=CRUD - {Verb.CREATE, Verb.SAVE},
    entity=API_CLIENT_SECRET,
    path="/apiclients/{apiClientID}/secrets",
    item="apiClientSecretID",
    within=(Within("apiClientID", "ApiClientID", API_CLIENTS),),
    roles=Roles.named("ApiClient"),
    access=SELLERS_ONLY,
    search=("ID",),
    sort=("ID",),
    hooks=ApiClientSecretHooks(),
)
API_CLIENT_ASSIGNMENTS = Assignment(
    name="ApiClients",
    model=ApiClientAssignment,
    table="api_client_assignments",
    things=(Parent("ApiClientID", "api_clients"),),
    levels=("Company",),
    kinds=("Buyer", "Supplier"),
    path="/apiclients/assignments",
    delete_path="",
    roles=Roles.named("ApiClient"),
    verbs=frozenset({"List", "Save"}),
    query=tuple(QueryParameter(name) for name in ("apiClientID", "buyerID", "supplierID")),
)
RESOURCES = (API_CLIENTS, API_CLIENT_SECRETS)
ASSIGNMENTS = (API_CLIENT_ASSIGNMENTS,)
