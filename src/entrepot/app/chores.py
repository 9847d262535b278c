"""What a server process does beside requests."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from entrepot.app.registry import registry
from entrepot.app.settings import Settings
from entrepot.engine.call import Backend
from entrepot.features.catalog.audience import log as catalog_log
from entrepot.features.people.copies import Preparing, copies_of
from entrepot.features.people.credentials import activity, keys
from entrepot.features.people.deliveries import purging
from entrepot.features.people.events import log as events
from entrepot.features.people.identity import recounting
from entrepot.features.people.oauth import cleanup
from entrepot.features.people.oauth.cleanup import Retention
from entrepot.features.people.portal import cleanup as portal_cleanup
from entrepot.features.people.portal import giving_up, restoring
from entrepot.features.people.portal import messages as portal_messages
from entrepot.features.people.recordings import recorder as recording_requests
from entrepot.features.people.recordings import store as recordings
from entrepot.features.people.recordings.recorder import Recorder
from entrepot.features.people.request_log import noting, trimming
from entrepot.features.people.request_log.noting import RequestLog
from entrepot.features.people.request_log.trimming import Bounds
from entrepot.features.people.services import Services
from entrepot.features.people.snapshots import store as snapshots
from entrepot.features.trade.group_orders import expired
from entrepot.features.trade.orders import idle
from entrepot.features.trade.returns import idle as idle_returns
from entrepot.features.trade.subscriptions import reminders, rounds
from entrepot.features.trade.synchronization import runs
from entrepot.worker.clocks import by_the_clock
from entrepot.worker.periodic import Chore

KEY_RELOAD_INTERVAL = keys.RETIREMENT_GRACE / 2
"""Seconds after which every process signs with a rotated key. Tokens of a new key are learned when they come."""


def chores_of(settings: Settings, backend: Backend, services: Services) -> tuple[Chore, ...]:
    """All of them. Those that delete or place something because its time has come do so while the clocks agree."""
    recorder = services.authenticator.activity
    retention = Retention(
        settings.sessions_per_client,
        timedelta(days=settings.mailbox_days),
    )
    pool, clock = backend.pool, backend.clock
    kept = timedelta(days=settings.delivery_days)
    restored = Preparing(partial(copies_of, registry(), restoring.CHANGES, restoring.WITHOUT))
    timed = (
        Chore("cleanup", cleanup.INTERVAL, partial(cleanup.delete_ended, pool, clock, retention)),
        Chore(
            "portal cleanup",
            cleanup.INTERVAL,
            partial(portal_cleanup.delete_ended, pool, clock, retention.mailbox),
        ),
        Chore("deleted marketplaces", giving_up.INTERVAL, partial(giving_up.delete_rows, pool, clock)),
        Chore("staging restores", restoring.INTERVAL, partial(restoring.restore_due, backend, restored)),
        Chore("copies", snapshots.INTERVAL, partial(snapshots.remove_over, pool, clock)),
        Chore("recordings", recordings.INTERVAL, partial(recordings.end_over, pool, clock)),
        Chore("catalog log", catalog_log.INTERVAL, partial(catalog_log.delete_old, pool, clock)),
        Chore("idle orders", idle.INTERVAL, partial(idle.delete_idle, pool, clock)),
        Chore("idle returns", idle_returns.INTERVAL, partial(idle_returns.delete_idle, pool, clock)),
        Chore("deliveries", purging.INTERVAL, partial(purging.purge, pool, clock, kept)),
        Chore(
            "request log",
            trimming.INTERVAL,
            partial(trimming.trim_all, pool, clock, request_bounds(settings)),
        ),
        Chore("events", events.INTERVAL, partial(events.forget_all, pool, clock)),
        Chore("invitations", expired.INTERVAL, partial(expired.delete_expired, pool, clock)),
        Chore("subscriptions", rounds.INTERVAL, partial(rounds.place_due, backend)),
        Chore("reminders", rounds.INTERVAL, partial(reminders.remind_due, backend)),
    )
    return (
        Chore("keys", KEY_RELOAD_INTERVAL, services.signing_keys.reload),
        Chore("portal post", portal_messages.INTERVAL, partial(portal_messages.post_due, backend)),
        Chore("totals", recounting.INTERVAL, partial(recounting.recount, pool)),
        *chores_of_workers(backend),
        Chore("activity", activity.FLUSH_INTERVAL, partial(recorder.flush, pool)),
        Chore("requests", noting.FLUSH_INTERVAL, partial(services.memory(RequestLog).flush, pool)),
        Chore(
            "recorded requests",
            recording_requests.FLUSH_INTERVAL,
            partial(services.memory(Recorder).flush, pool),
        ),
        *(Chore(each.name, each.seconds, by_the_clock(pool, clock, each.work)) for each in timed),
    )


def chores_of_workers(backend: Backend) -> tuple[Chore, ...]:
    """Those without which what is to be delivered does not come up: whoever delivers does them, a server or not."""
    return (Chore("synchronization", runs.INTERVAL, partial(runs.advance, backend)),)


def request_bounds(settings: Settings) -> Bounds:
    """Of the log of requests."""
    return Bounds(settings.request_log_rows, timedelta(hours=settings.request_log_hours))
