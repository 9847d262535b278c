"""The server as an ASGI application, wired from the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import cast

import asyncpg
import structlog
from asyncpg.exceptions import InterfaceError, PostgresError

from entrepot.app.chores import chores_of, request_bounds
from entrepot.app.demo import pictures
from entrepot.app.elsewhere import elsewhere_of
from entrepot.app.mail import mail_of, mailbox_of
from entrepot.app.marketplaces import argon2_parameters
from entrepot.app.originals import Originals
from entrepot.app.registry import portal_registry, registry, without_test_bench
from entrepot.app.secret_key import secret_box
from entrepot.app.settings import Settings
from entrepot.engine.attempts import Attempts, Of
from entrepot.engine.call import Backend
from entrepot.engine.feeding import Feeding
from entrepot.engine.references import ReferenceGraph
from entrepot.engine.syncing import Syncing
from entrepot.features.catalog.audience.memory import AudienceMemory
from entrepot.features.catalog.product_index.indexes import ProductIndexes
from entrepot.features.catalog.shopping.one_product import InvolvedProducts
from entrepot.features.people.batches.inside import Pipeline
from entrepot.features.people.catchers.catching import Catching
from entrepot.features.people.copies import Preparing, copies_of
from entrepot.features.people.credentials import keys
from entrepot.features.people.credentials.activity import ActivityRecorder
from entrepot.features.people.credentials.authenticator import TokenAuthenticator
from entrepot.features.people.credentials.keys import SigningKeys
from entrepot.features.people.credentials.passwords import ClientSecretVerifier, PasswordHasher
from entrepot.features.people.credentials.tokens import TokenVerifier
from entrepot.features.people.deliveries.listening import ListeningMemory
from entrepot.features.people.deliveries.waking import Waking
from entrepot.features.people.events.kinds import Kinds
from entrepot.features.people.events.log import set_all_off
from entrepot.features.people.events.operations import still_opens
from entrepot.features.people.events.streams import Streams
from entrepot.features.people.explaining.surface import Surface
from entrepot.features.people.faults.hooks import Breakable
from entrepot.features.people.faults.striking import RuleMemory
from entrepot.features.people.outgoing.client import Outgoing
from entrepot.features.people.portal.authenticator import PortalAuthenticator
from entrepot.features.people.portal.grants import grant_without_client
from entrepot.features.people.recordings.recorder import Recorder, declared_secrets
from entrepot.features.people.repeating.repeats import KeptRepeat
from entrepot.features.people.request_log.noting import RequestLog
from entrepot.features.people.services import Services
from entrepot.features.people.snapshot_files.filing import FileWork, filing_of
from entrepot.features.people.snapshots.bench import BenchKey
from entrepot.features.people.snapshots.seeds import Seeds
from entrepot.features.people.snapshots.store import Copiers
from entrepot.features.people.webhooks.hearing import hearing
from entrepot.features.people.webhooks.user_tokens import GivenTokens
from entrepot.features.registry import EVENTS, FOLLOWERS, NEW_USERS, PRODUCT_SOURCES, SUPPLIER_ENDS
from entrepot.features.trade.clock.setting import set_all_back
from entrepot.features.trade.synchronization.outlook import SynchronizationOutlook
from entrepot.http import console, docs, metrics, openapi
from entrepot.http.asgi import App, build_app
from entrepot.http.exchange import Opened
from entrepot.http.inside import InsideUnits
from entrepot.http.peer import networks
from entrepot.http.routing import leading
from entrepot.kernel.buckets import Rate
from entrepot.kernel.clock import Clock, utc_now
from entrepot.storage.pool import Limits, open_pool
from entrepot.storage.reach import once_there
from entrepot.storage.ready_pool import ReadyPool
from entrepot.worker.dispatcher import dispatching
from entrepot.worker.periodic import repeating

log = structlog.get_logger("entrepot.app")


def create_app(settings: Settings, *, clock: Clock = utc_now, chores: bool = True) -> App:
    """The application; it opens the database when the server starts. `settings` names the database and the key.
    Without `chores` it answers requests and does nothing beside them.
    """
    operations = registry() if settings.test_bench else without_test_bench(registry())
    return build_app(
        operations,
        partial(lifespan, settings, clock, chores=chores),
        portal=portal_registry(),
        base_url=settings.base_url,
        clock=clock,
        trusted=networks(settings.trusted_proxies),
        metrics_token=settings.metrics_token,
        resources=(
            *console.routes(),
            *docs.routes(settings.base_url),
            *(pictures.ROUTES if settings.demo or settings.test_bench else ()),
            *openapi.routes(operations, settings.base_url, settings.environment),
        ),
        assistants=settings.mcp,
    )


@asynccontextmanager
async def lifespan(settings: Settings, clock: Clock, *, chores: bool) -> AsyncIterator[Opened]:
    """What a server process has open while it runs, and what it does beside requests."""
    assert settings.database_url is not None
    async with AsyncExitStack() as opened:
        pool = await once_there(partial(open_own_pool, settings.database_url, settings))
        opened.push_async_callback(pool.close)
        await opened.enter_async_context(pool.reach.watched())
        if not settings.test_bench:
            await set_all_back(pool)
            await set_all_off(pool, clock())
        services = await once_there(partial(open_services, settings, pool, clock))
        originals = Originals(settings, services.box)
        services = replace(
            services, memories={**services.memories, Seeds: Seeds(originals.named, originals.make)}
        )
        opened.callback(services.passwords.close)
        opened.push_async_callback(services.outgoing.close)
        opened.push_async_callback(originals.stop)
        if services.mail is not None:
            opened.push_async_callback(services.mail.office.close)
        opened.push_async_callback(services.memory(Waking).close)
        opened.push_async_callback(services.memory(Streams).close)
        opened.push_async_callback(services.memory(ProductIndexes).close)
        recorder = services.authenticator.activity
        opened.push_async_callback(_flush_at_end, recorder, pool)
        requests = services.memory(RequestLog)
        opened.push_async_callback(requests.flush, pool)
        opened.push_async_callback(services.memory(Recorder).flush, pool)
        backend = Backend(pool, services, clock, settings.base_url)
        if chores:
            await opened.enter_async_context(repeating(chores_of(settings, backend, services)))
        if chores and settings.dispatcher:
            await opened.enter_async_context(
                dispatching(
                    backend,
                    settings.database_url,
                    private=settings.private_targets,
                    answered=metrics.answered,
                )
            )
        notes = requests if settings.request_log_rows else None
        strikes = services.memory(RuleMemory).strike if settings.test_bench else None
        accounts = PortalAuthenticator(pool, services.signing_keys, clock)
        catches = partial(Catching().catch, backend) if settings.catchers else None
        has_key = settings.test_bench and settings.test_bench_key
        bench = BenchKey.of(settings.test_bench_key) if has_key else None
        yield Opened(
            backend,
            services.authenticator,
            services.attempts,
            hearing,
            notes,
            accounts,
            strikes,
            KeptRepeat,
            catches,
            bench,
            services.memory(Recorder) if settings.test_bench else None,
        )


async def open_own_pool(url: str, settings: Settings) -> ReadyPool:
    """The connections of one process, with the limits that the settings name."""
    limits = Limits(
        statement=settings.statement_timeout,
        change=settings.change_timeout,
        lock=settings.lock_timeout,
        idle=settings.idle_transaction_timeout,
        silence=settings.database_silence,
    )
    return await open_pool(
        url, min_size=settings.pool_min_size, max_size=settings.pool_max_size, limits=limits
    )


async def open_services(settings: Settings, pool: asyncpg.Pool, clock: Clock) -> Services:
    """The features' services of one process; makes the first signing key where there is none."""
    box = secret_box(settings)
    ring = await keys.ensure(pool, box, clock())
    signing_keys = SigningKeys(ring, partial(keys.load, pool, box))
    authenticator = TokenAuthenticator(pool, TokenVerifier(signing_keys), ActivityRecorder(), clock)
    ready = cast(ReadyPool, pool)
    streams = Streams(
        ready,
        settings.database_url or "",
        clock,
        Kinds.known(registry()),
        partial(still_opens, authenticator, ready),
        metrics.LISTENERS.set,
    )
    passwords = PasswordHasher(argon2_parameters(settings), longest_line=settings.waiting_hashes)
    attempts = Attempts(_rates(settings))
    requests = RequestLog(request_bounds(settings), metrics.NOT_LOGGED.inc)
    lead = leading(registry().operations.values())
    rules = RuleMemory()
    recorder = Recorder(declared_secrets(registry()), clock)
    return Services(
        signing_keys=signing_keys,
        authenticator=authenticator,
        passwords=passwords,
        client_secrets=ClientSecretVerifier(passwords),
        box=box,
        environment=settings.environment,
        outgoing=Outgoing(private=settings.private_targets),
        followers=FOLLOWERS,
        product_sources=PRODUCT_SOURCES,
        supplier_ends=SUPPLIER_ENDS,
        webhook_timeout=settings.webhook_timeout,
        new_users=NEW_USERS,
        without_client=grant_without_client,
        sign_up=settings.sign_up == "open",
        elsewhere=elsewhere_of(settings),
        test_bench=settings.test_bench,
        catchers=settings.catchers,
        regions=settings.regions,
        password_ends_sessions=settings.end_sessions_on_password_change,
        grant_ceiling=settings.grant_ceiling,
        attempts=attempts,
        references=ReferenceGraph.of(registry()),
        feeding=Feeding(registry()),
        mail=mail_of(settings),
        mailbox=mailbox_of(settings),
        events={kind.name: kind for kind in EVENTS},
        outlook=SynchronizationOutlook(Syncing(registry())),
        told=streams.told,
        memories={
            Streams: streams,
            AudienceMemory: AudienceMemory(),
            InvolvedProducts: InvolvedProducts(),
            Surface: Surface(registry(), lead),
            ListeningMemory: ListeningMemory(),
            RequestLog: requests,
            Pipeline: Pipeline(
                InsideUnits(
                    lead,
                    attempts,
                    hears=hearing,
                    notes=requests if settings.request_log_rows else None,
                    strikes=rules.strike if settings.test_bench else None,
                    repeats=KeptRepeat,
                    records=recorder if settings.test_bench else None,
                )
            ),
            Breakable: Breakable.of(registry().operations.values()),
            RuleMemory: rules,
            Waking: Waking(pool),
            Recorder: recorder,
            Copiers: Copiers(
                Preparing(partial(copies_of, registry())),
                Preparing(partial(copies_of, registry(), keeps_clients=True)),
            ),
            FileWork: FileWork.of(partial(filing_of, registry())),
            GivenTokens: GivenTokens(),
            ProductIndexes: ProductIndexes(settings.product_index * 2**20, settings.product_index_from),
        },
    )


def _rates(settings: Settings) -> dict[Of, Rate]:
    return {
        Of.ADDRESS: Rate(settings.attempts_per_address),
        Of.CLIENT: Rate(settings.attempts_per_client),
        Of.NAME: Rate(settings.attempts_per_name),
        Of.CALLER: Rate(settings.attempts_per_name),
        Of.SESSIONS: Rate(settings.sessions_per_address),
        Of.LETTERS: Rate(settings.sign_ups_per_hour, 3600),
        Of.MESSAGES: Rate(settings.messages_per_hour, 3600),
    }


async def _flush_at_end(recorder: ActivityRecorder, pool: asyncpg.Pool) -> None:
    # A database that is gone already must not turn the end of a server into a failure.
    try:
        await recorder.flush(pool)
    except (PostgresError, InterfaceError, OSError) as error:
        log.warning("activity not recorded", error=repr(error))
