"""Users of buyers, suppliers and the seller; security profiles; impersonation (auth spec sections 8 to 13)."""

from __future__ import annotations

from functools import partial

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity, Index, Parent, Stored
from entrepot.declare.feeds import EVERYBODY, Changed, Feed, Feeds
from entrepot.declare.operation import QueryParameter
from entrepot.declare.resource import Prewritten, Resource
from entrepot.declare.roles import OF_BUYERS, OF_SUPPLIERS, SELLERS_ONLY, Roles
from entrepot.declare.synced import Synced, Thing
from entrepot.declare.types import Bool, Date, Id, Int, Secret, Text, WireType, Xp
from entrepot.declare.wire import Grants, Reference, Wire, column
from entrepot.domain.identity.api_roles import ApiRole
from entrepot.engine.call import Call
from entrepot.features.people import holdings
from entrepot.features.people.configuration.resources import Locale as LocaleModel
from entrepot.features.people.identity.computed import (
    AVAILABLE_ROLES,
    COMPANY_ID,
    LOCALE,
    NO_LOCALE,
    OF_BUYER,
    OF_SELLER,
    OF_SUPPLIER,
    OWN_GIFTS,
    available_roles,
    group_of,
    user_of,
)
from entrepot.features.people.identity.enums import CommerceRole
from entrepot.features.people.identity.giving import OPENS_ACCOUNT, PROFILE_GIVES
from entrepot.features.people.identity.hooks import UserHooks
from entrepot.features.people.identity.impersonation_hooks import ImpersonationConfigHooks
from entrepot.features.people.identity.profile_hooks import (
    SecurityProfileAssignmentHooks,
    SecurityProfileHooks,
)
from entrepot.features.people.organizations.enums import PartyType
from entrepot.features.people.organizations.resources import IN_BUYER, IN_SUPPLIER
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    ConflictingImpersonationConfigError,
    ProvidedBuyerAndSupplierError,
    UsernameTakenError,
)
from entrepot.kernel.user_types import UserType
from entrepot.storage.listing.prewritten import Texts


class User(Wire):
    """A person, or a program, that logs in."""

    FailedLoginAttempts: Int = column(read_only=True)
    ID: Id = column(max=100)
    CompanyID: Id = column(read_only=True, computed=COMPANY_ID)
    Username: Text = column(required=True, max=100)
    Password: Secret = column(write_only=True, stored=False, grants=OPENS_ACCOUNT)
    FirstName: Text = column(required=True, max=100)
    LastName: Text = column(required=True, max=100)
    Email: Text = column(required=True, max=200, grants=OPENS_ACCOUNT)
    Phone: Text = column(max=100)
    TermsAccepted: Date = column(nullable=True)
    Active: Bool = column(required=True)
    xp: Xp = column()
    AvailableRoles: list[Text] = column(read_only=True, computed=AVAILABLE_ROLES)
    Locale: LocaleModel = column(read_only=True, computed=LOCALE)
    DateCreated: Date = column(read_only=True, nullable=True)
    LastActive: Date = column(read_only=True, nullable=True)
    PasswordLastSetDate: Date = column(read_only=True, nullable=True)


class PasswordConfig(Wire):
    """Rules for passwords of the users who hold the profile; null falls back to the platform's minimum (AUTH-55)."""

    LimitPasswordReuse: Int = column(minimum=0, maximum=24, nullable=True)
    MaxConsecutiveDupeChars: Int = column(minimum=1, maximum=24, nullable=True)
    MaximumPasswordAge: Int = column(minimum=1, maximum=365, nullable=True)
    MinimumPasswordAge: Int = column(minimum=1, maximum=60, nullable=True)
    AllowedFailedAttempts: Int = column(minimum=1, maximum=10, nullable=True)
    # 0 = until an administrator unlocks (AUTH-56); the profile's hook refuses 1.
    LockoutDuration: Int = column(minimum=0, maximum=1440, nullable=True)
    UpperCaseRequired: Bool = column()
    LowerCaseRequired: Bool = column()
    SpecialCharacterRequired: Bool = column()
    NumericRequired: Bool = column()
    MinimumCharacterCount: Int = column(minimum=8, nullable=True)


PasswordRules = PasswordConfig


class SecurityProfile(Wire):
    """Roles, custom roles and password rules, to be assigned to parties (AUTH-47)."""

    ID: Id = column(max=100)
    Name: Text = column(required=True, max=100)
    Roles: list[ApiRole] = column(grants=Grants())
    CustomRoles: list[Text] = column(grants=Grants())
    PasswordConfig: PasswordRules = column()
    IsExternalRoleGroup: Bool = column(read_only=True)


class SecurityProfileAssignment(Wire):
    """A security profile given to a company, a group or a user (AUTH-48)."""

    SecurityProfileID: Id = column(required=True, grants=PROFILE_GIVES)
    BuyerID: Id = column()
    SupplierID: Id = column()
    UserID: Id = column()
    UserGroupID: Id = column()


class ImpersonationConfig(Wire):
    """Who may act as whom, through which client, with which roles (AUTH-74)."""

    ID: Id = column(max=100)
    ImpersonationBuyerID: Id = column(references=Reference("buyers", on_delete="refuse"))
    ImpersonationGroupID: Id = column(computed=group_of("impersonation_group_key"))
    ImpersonationUserID: Id = column(computed=user_of("impersonation_user_key"))
    BuyerID: Id = column(references=Reference("buyers", on_delete="refuse"))
    GroupID: Id = column(computed=group_of("group_key"))
    UserID: Id = column(computed=user_of("user_key"))
    SecurityProfileID: Id = column(
        required=True, references=Reference("security_profiles", on_delete="refuse"), grants=PROFILE_GIVES
    )
    ClientID: Id = column(required=True, references=Reference("api_clients", on_delete="refuse"))


USER = Entity(
    model=User,
    table="users",
    object_type="User",
    owners=(Parent("BuyerID", "buyers"), Parent("SupplierID", "suppliers")),
    room=15,
    stored=(
        Stored(name="password_hash", type="text"),
        Stored(name="locked_until", type="timestamptz"),
        Stored(name="locked_indefinitely", type="boolean", nullable=False, default="false"),
        Stored(name="generation", type="integer", nullable=False, default="0"),
        holdings.OWN_PROFILES,
        holdings.GROUP_LOCALE,
    ),
    indexes=(
        Index("uq_users_username", 'lower("Username")', unique=True, error=UsernameTakenError),
        Index("ix_users_email", 'lower("Email")'),
    ),
    counted=("LastName", "FirstName", "Email", "Username"),
    totals=("Active",),
    prewritten=True,
    feeds=(
        Feeds(
            feed=Feed.SECURITY,
            columns=("ID", "Username", "Active", "BuyerID", "SupplierID", "generation"),
            new_rows=False,
        ),
        Feeds(
            feed=Feed.CATALOG,
            columns=("BuyerID",),
            new_rows=False,
            scope=EVERYBODY,
            changes=lambda row: Changed(users=frozenset({row["key"]})),
        ),
    ),
    synced=(
        Synced(
            of=Thing.USERS,
            by=("key", "BuyerID", "SupplierID", "ID"),
            itself=("BuyerID", "SupplierID", "ID"),
            quiet=(
                "FailedLoginAttempts",
                "locked_until",
                "locked_indefinitely",
                "LastActive",
                "password_hash",
                "generation",
            ),
        ),
    ),
)
SECURITY_PROFILE = Entity(
    model=SecurityProfile,
    table="security_profiles",
    object_type="SecurityProfile",
    stored=(holdings.PROFILE_NUMBER,),
    indexes=(Index("uq_security_profiles_number", "number", unique=True),),
    feeds=(Feeds(feed=Feed.SECURITY, columns=("ID", "Roles", "CustomRoles")),),
)
IMPERSONATION_CONFIG = Entity(
    model=ImpersonationConfig,
    table="impersonation_configs",
    object_type="ImpersonationConfig",
    stored=(
        Stored(name="impersonation_group_key", type="bigint", references="user_groups", on_delete="refuse"),
        Stored(name="impersonation_user_key", type="bigint", references="users", on_delete="refuse"),
        Stored(name="group_key", type="bigint", references="user_groups", on_delete="refuse"),
        Stored(name="user_key", type="bigint", references="users", on_delete="refuse"),
    ),
    # A token ends with the configuration that allowed it, in whatever way that changes.
    feeds=(Feeds(feed=Feed.SECURITY, new_rows=False),),
    indexes=(
        Index(
            "uq_impersonation_configs_party",
            '"ClientID", "ImpersonationBuyerID", impersonation_group_key, impersonation_user_key, "BuyerID", '
            "group_key, user_key",
            unique=True,
            nulls_distinct=False,
            error=ConflictingImpersonationConfigError,
        ),
    ),
)

USER_SEARCH = ("ID", "Username", "LastName", "FirstName", "Email")
USER_SORT = (
    "LastName",
    "FirstName",
    "Username",
    "ID",
    "Email",
    "DateCreated",
    "LastActive",
    "PasswordLastSetDate",
)
OF_GROUP = QueryParameter("userGroupID", description="Only members of this group.")
MEMBERS_OF_GROUP = """EXISTS (
    SELECT 1 FROM user_group_members gm
    JOIN user_groups gg ON gg.marketplace_id = :marketplace_id AND gg.key = gm.group_key
    WHERE gm.marketplace_id = :marketplace_id AND gm.user_key = t.key AND gg."ID" = :userGroupID)"""


async def _texts(kind: UserType, parameter: str, call: Call) -> Texts:
    return await services(call).gifts.texts(call, kind, call.path.get(parameter))


def _prewritten(kind: UserType, parameter: str = "") -> Prewritten:
    """parameter: that of the path which names the company."""
    return Prewritten(own=OWN_GIFTS, texts=partial(_texts, kind, parameter))


USERS = Resource(
    name="Users",
    entity=USER,
    computed={"CompanyID": 'SELECT t."BuyerID"', "AvailableRoles": available_roles(OF_BUYER)},
    prewritten=_prewritten(UserType.BUYER, "buyerID"),
    path="/buyers/{buyerID}/users",
    item="userID",
    within=IN_BUYER,
    roles=Roles.named("BuyerUser"),
    access=OF_BUYERS,
    search=USER_SEARCH,
    sort=USER_SORT,
    query=(OF_GROUP,),
    narrow={"userGroupID": MEMBERS_OF_GROUP},
    hooks=UserHooks(),
)
SUPPLIER_USERS = Resource(
    name="SupplierUsers",
    entity=USER,
    computed={
        "CompanyID": 'SELECT t."SupplierID"',
        "AvailableRoles": available_roles(OF_SUPPLIER),
        "Locale": NO_LOCALE,
    },
    prewritten=_prewritten(UserType.SUPPLIER, "supplierID"),
    path="/suppliers/{supplierID}/users",
    item="userID",
    within=IN_SUPPLIER,
    roles=Roles.named("SupplierUser"),
    access=OF_SUPPLIERS,
    search=USER_SEARCH,
    sort=USER_SORT,
    query=(OF_GROUP,),
    narrow={"userGroupID": MEMBERS_OF_GROUP},
    hooks=UserHooks(),
)
ADMIN_USERS = Resource(
    name="AdminUsers",
    entity=USER,
    computed={"AvailableRoles": available_roles(OF_SELLER), "Locale": NO_LOCALE},
    prewritten=_prewritten(UserType.SELLER),
    path="/adminusers",
    item="userID",
    roles=Roles.named("AdminUser"),
    access=SELLERS_ONLY,
    search=USER_SEARCH,
    sort=USER_SORT,
    hooks=UserHooks(),
)
PROFILE_ROLES = Roles.of(
    read=("SecurityProfileAdmin", "SecurityProfileReader", "SetSecurityProfile"),
    write=("SecurityProfileAdmin", "SetSecurityProfile"),
    list_assignments=("SecurityProfileAdmin", "SetSecurityProfile"),
)
SECURITY_PROFILES = Resource(
    name="SecurityProfiles",
    entity=SECURITY_PROFILE,
    path="/securityprofiles",
    item="securityProfileID",
    roles=PROFILE_ROLES,
    access=SELLERS_ONLY,
    search=("ID", "Name"),
    sort=("ID", "Name"),
    hooks=SecurityProfileHooks(),
)
SECURITY_PROFILE_ASSIGNMENTS = Assignment(
    name="SecurityProfiles",
    model=SecurityProfileAssignment,
    table="security_profile_assignments",
    things=(Parent("SecurityProfileID", "security_profiles"),),
    levels=("User", "Group", "Company"),
    kinds=("Buyer", "Supplier", "Seller"),
    path="/securityprofiles/assignments",
    delete_path="/securityprofiles/{securityProfileID}/assignments",
    roles=PROFILE_ROLES,
    query=(
        *(QueryParameter(n) for n in ("buyerID", "supplierID", "securityProfileID", "userID", "userGroupID")),
        QueryParameter("commerceRole", WireType("enum", enum=CommerceRole)),
        QueryParameter("level", WireType("enum", enum=PartyType)),
    ),
    delete_query=tuple(QueryParameter(n) for n in ("buyerID", "userID", "userGroupID", "supplierID")),
    hooks=SecurityProfileAssignmentHooks(),
    # What users and groups hold stands on the users' rows (holdings.py).
    feeds=(Feeds(feed=Feed.SECURITY, unless=lambda row: bool(row["user_key"] or row["group_key"])),),
    two_companies=ProvidedBuyerAndSupplierError,
)
IMPERSONATION_CONFIGS = Resource(
    name="ImpersonationConfigs",
    entity=IMPERSONATION_CONFIG,
    path="/impersonationconfig",
    item="impersonationConfigID",
    roles=Roles.of(read=("SetSecurityProfile",), write=("SetSecurityProfile",)),
    access=SELLERS_ONLY,
    search=(
        "ImpersonationBuyerID",
        "ImpersonationGroupID",
        "ImpersonationUserID",
        "BuyerID",
        "GroupID",
        "UserID",
        "SecurityProfileID",
        "ClientID",
        "ID",
    ),
    sort=(
        "ImpersonationBuyerID",
        "ImpersonationGroupID",
        "ImpersonationUserID",
        "BuyerID",
        "GroupID",
        "UserID",
        "SecurityProfileID",
        "ClientID",
        "ID",
    ),
    hooks=ImpersonationConfigHooks(),
)

RESOURCES = (USERS, SUPPLIER_USERS, ADMIN_USERS, SECURITY_PROFILES, IMPERSONATION_CONFIGS)
ASSIGNMENTS = (SECURITY_PROFILE_ASSIGNMENTS,)
