"""What the application hands to the features: keys, password hashing, encryption, calls abroad."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from entrepot.declare.operation import Reply
from entrepot.domain.portal.elsewhere import Application, Elsewhere
from entrepot.domain.portal.places import DEFAULT_REGION
from entrepot.engine.attempts import Attempts
from entrepot.engine.call import Call
from entrepot.engine.feeding import Feeding
from entrepot.engine.references import ReferenceGraph
from entrepot.engine.units import Outlook
from entrepot.features.people.company_gifts import GiftMemory
from entrepot.features.people.credentials.authenticator import TokenAuthenticator
from entrepot.features.people.credentials.keys import SigningKeys
from entrepot.features.people.credentials.passwords import ClientSecretVerifier, PasswordHasher
from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.features.people.discovery.providers import Providers
from entrepot.features.people.mail.mail import Mail
from entrepot.features.people.mail.mailbox import Mailbox
from entrepot.features.people.outgoing.client import Outgoing

Memory = TypeVar("Memory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One per process, opened at start."""

    signing_keys: SigningKeys
    authenticator: TokenAuthenticator
    passwords: PasswordHasher
    client_secrets: ClientSecretVerifier
    box: SecretBox
    environment: str
    outgoing: Outgoing
    followers: tuple[Callable[..., Awaitable[None]], ...]
    """What follows the move of an order (orders/following.py), in this order."""
    product_sources: tuple[Callable[..., Awaitable[bool]], ...]
    """Who is asked for products that the catalog lacks (orders/lines/elsewhere.py), in this order."""
    supplier_ends: tuple[Callable[[Call, str], Awaitable[None]], ...]
    """What ends with a supplier, before it is deleted: called with its ID."""
    new_users: tuple[Callable[[Call, Mapping[str, Any]], Awaitable[None]], ...]
    """Who hears of a user that was created through the API: called with its row."""
    webhook_timeout: float = 20.0
    """Seconds that a request waits for the answer of a webhook that may block it."""
    without_client: Callable[[Call, Any], Awaitable[Reply | None]] | None = None
    """Who answers a token request (oauth/token_request.py) that names no API client; None where it is no such request, either."""
    regions: tuple[str, ...] = (DEFAULT_REGION,)
    """The IDs of those that marketplaces can be made in, the default first."""
    sign_up: bool = False
    """Whether whoever reaches the server may make an account in the portal."""
    elsewhere: Mapping[Elsewhere, Application] = field(default_factory=dict)
    """Where people of the portal may sign in, too, and what this server is registered as there."""
    test_bench: bool = False
    """Whether requests may be failed on purpose."""
    catchers: bool = False
    """Whether catchers can be made, and catch."""
    password_ends_sessions: bool = False
    """Whether a new password ends the user's sessions; the original's does not (AUTH-69)."""
    grant_ceiling: bool = False
    """Whether nobody grants roles that he does not hold (engine/granting.py); the original knows no such limit."""
    references: ReferenceGraph
    feeding: Feeding
    outlook: Outlook
    """Who outside wants to know of what units write."""
    attempts: Attempts = field(default_factory=Attempts)
    gifts: GiftMemory = field(default_factory=GiftMemory)
    mail: Mail | None = None
    """Mail of our own; None where no server takes it, then what no sender takes is put into the mailbox."""
    mailbox: Mailbox = field(default_factory=Mailbox)
    providers: Providers = field(default_factory=Providers)
    events: Mapping[str, Any] = field(default_factory=dict)
    """The kinds of what is told (deliveries/events.py `EventKind`), by name."""
    told: Callable[[int], None] = lambda _: None
    """Wakes those who listen to what happens in a marketplace (features/people/events)."""
    memories: Mapping[type, Any] = field(default_factory=dict)
    """What this process remembers of marketplaces for the wings above this one, by its class."""

    def memory(self, kind: type[Memory]) -> Memory:
        """The memory of a class, which the application has opened."""
        return cast(Memory, self.memories[kind])


def services(call: Call) -> Services:
    """The services of a call."""
    return cast(Services, call.services)
