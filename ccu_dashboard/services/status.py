"""Ask the portal how the linked account stands; enrol first where that is due.

This runs in a process of its own (`ccu-dashboard status --refresh`), so that the service that
waits for a click does not keep the HTTP and cryptography libraries in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from ccu_dashboard.clients.portal import PortalClient
from ccu_dashboard.domain.account import Linked
from ccu_dashboard.domain.contact import Contact, Outcome
from ccu_dashboard.domain.errors import (
    PortalCause,
    PortalError,
    PortalRefused,
    PortalUnreachable,
)
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.services.enrolment import Hub, HubIdentity
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import hub_key, status_cache, vendor_files
from ccu_dashboard.storage.status_cache import PortalMemory
from cloudmatic_link.keys import HubKey, KeyUnusable

CLOCK_REASONS: Final = frozenset({"expired", "not-yet-valid"})
FORGOTTEN_REASONS: Final = frozenset({"unknown-key"})
TAKEN_REASONS: Final = frozenset({"key-elsewhere"})

T = TypeVar("T")


def refresh(
    settings: Settings,
    clock: HubClock,
    client: PortalClient,
    random_bytes: Callable[[int], bytes],
) -> Contact:
    """Bring `status.json` up to date and return how that went; never raises for a known cause."""
    account = vendor_files.read_account(settings.vendor_folder)
    if not isinstance(account, Linked):
        return Contact(Outcome.NOT_LINKED)
    serial = vendor_files.read_serial(settings.serial_files)
    if serial is None:
        return Contact(Outcome.NO_SERIAL)
    try:
        _refresh(settings, clock, client, random_bytes, Hub(serial, account))
    except KeyUnusable:
        return Contact(Outcome.KEY_UNUSABLE)
    except OSError as error:
        return Contact(Outcome.STATE_UNWRITABLE, error.strerror or "")
    except PortalError as error:
        return _failed(error, clock)
    return Contact(Outcome.HEARD, "", clock.now(), clock.elapsed)


def _refresh(
    settings: Settings,
    clock: HubClock,
    client: PortalClient,
    random_bytes: Callable[[int], bytes],
    hub: Hub,
) -> None:
    def ask(key: HubKey) -> PortalMemory:
        identity = HubIdentity(
            hub=hub, key=key, portal=settings.portal, clock=clock, random_bytes=random_bytes
        )
        return _ask(identity, client, clock, settings.status)

    try:
        memory = ask(hub_key.load_or_create(settings.hub_key))
    except PortalRefused as error:
        if error.reason not in TAKEN_REASONS:
            raise
        # The key stands for the account that was linked before, or for the hub that this one was
        # copied from; a key stands for one hub and one account.
        memory = ask(hub_key.replace(settings.hub_key))
    status_cache.save(settings.status, memory)


def _failed(error: PortalError, clock: HubClock) -> Contact:
    if isinstance(error, PortalRefused):
        return Contact(Outcome.REFUSED, error.reason, error.portal_time, clock.elapsed)
    return Contact(Outcome.UNREACHABLE, str(error))


def _ask(identity: HubIdentity, client: PortalClient, clock: HubClock, file: Path) -> PortalMemory:
    """Return the memory that the portal's answer leaves. Raises PortalError, OSError.

    An enrolment is kept in `file` at once, whatever becomes of the question after it.
    """
    memory = status_cache.load(file)
    if memory.enrolment != identity.enrolment:
        memory = _enrol(identity, client, clock)
        status_cache.save(file, memory)
    try:
        return _status(identity, client, clock, memory)
    except PortalRefused as error:
        if error.reason not in FORGOTTEN_REASONS:
            raise
        # A portal restored from an older backup: it asks for what it once knew. Until it knows
        # this hub again, a link signed here would lead nowhere.
        status_cache.save(file, status_cache.NOTHING)
        memory = _enrol(identity, client, clock)
        status_cache.save(file, memory)
        return _status(identity, client, clock, memory)


def _enrol(identity: HubIdentity, client: PortalClient, clock: HubClock) -> PortalMemory:
    _with_the_portals_clock(clock, lambda: identity.enrol(client))
    return PortalMemory(enrolment=identity.enrolment)


def _status(
    identity: HubIdentity, client: PortalClient, clock: HubClock, memory: PortalMemory
) -> PortalMemory:
    answer = _with_the_portals_clock(clock, lambda: client.status(identity.token(), memory.etag))
    clock.set_by_portal(answer.portal_time)
    if answer.status is None:
        return memory
    if answer.status.account_id != identity.enrolment.account_id:
        raise PortalUnreachable(PortalCause.NOT_THE_PORTAL, "another account")
    return PortalMemory(memory.enrolment, answer.status, answer.etag, answer.portal_time)


def _with_the_portals_clock(clock: HubClock, request: Callable[[], T]) -> T:
    """Run `request`; if the portal finds our clock wrong, set it by its answer and try again."""
    try:
        return request()
    except PortalRefused as error:
        if error.reason not in CLOCK_REASONS or error.portal_time is None:
            raise
        clock.set_by_portal(error.portal_time)
        return request()
