"""Ask the portal how the linked account stands; enrol first where that is due.

This runs in a process of its own (`ccu-dashboard status --refresh`), so that the service that
waits for a click does not keep the HTTP and cryptography libraries in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from ccu_dashboard.clients.portal import PortalClient
from ccu_dashboard.domain.account import Linked, Unreadable
from ccu_dashboard.domain.contact import Contact, Outcome
from ccu_dashboard.domain.errors import (
    PortalCause,
    PortalError,
    PortalRefused,
    PortalUnreachable,
)
from ccu_dashboard.domain.pairing import Open, Wanted, needed
from ccu_dashboard.domain.schedule import pause_after
from ccu_dashboard.services.accounts import account_of
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.services.enrolment import Hub, HubIdentity
from ccu_dashboard.services.overview import refusal_of
from ccu_dashboard.services.pairing import Pairer
from ccu_dashboard.services.portal_time import with_the_portals_clock
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import atomic, hub_key, pairing_file, status_cache, vendor_files
from ccu_dashboard.storage.status_cache import PortalMemory, Refusal
from cloudmatic_link.keys import HubKey, KeyUnusable

FORGOTTEN_REASONS: Final = frozenset(
    {"unknown-key", "revoked-key", "hub-mismatch", "account-mismatch"}
)
LASTING_REASONS: Final = FORGOTTEN_REASONS | {"credentials-refused"}
"""Asking again does not help: somebody has to do something."""

TAKEN_REASONS: Final = frozenset({"key-elsewhere"})


def refresh(
    settings: Settings,
    clock: HubClock,
    client: PortalClient,
    random_bytes: Callable[[int], bytes],
) -> Contact:
    """Bring `status.json` up to date and return how that went; never raises for a known cause."""
    try:
        contact = _pair(settings, clock, client, random_bytes)
        if contact is not None:
            return contact
        key = hub_key.load_or_create(settings.hub_key)
        hub = _this_hub(settings)
        if isinstance(hub, Outcome):
            return Contact(hub)
        memory = _refresh(settings, clock, client, random_bytes, hub, key)
    except KeyUnusable:
        return Contact(Outcome.KEY_UNUSABLE)
    except OSError as error:
        return Contact(Outcome.STATE_UNWRITABLE, error.strerror or "")
    except PortalError as error:
        return _failed(error, clock)
    pause = pause_after(memory.status, clock.today())
    return Contact(Outcome.HEARD, "", clock.now(), clock.elapsed, pause)


def _pair(
    settings: Settings,
    clock: HubClock,
    client: PortalClient,
    random_bytes: Callable[[int], bytes],
) -> Contact | None:
    """Go on with a pairing that is under way, as long as it is needed. Raises PortalError, OSError.

    Returns None where there is none, or it has just come to its good end: then the hub can speak.
    """
    if settings.silent.exists():
        return Contact(Outcome.SILENT)
    under_way = pairing_file.load(settings.pairing, settings.portal)
    if not isinstance(under_way, Wanted | Open):
        return None
    account = account_of(settings)
    if not needed(account, refusal_of(status_cache.load(settings.status), settings, account)):
        # The firmware has linked an account meanwhile.
        pairing_file.remove(settings.pairing)
        return None
    serial = vendor_files.read_serial(settings.serial_files)
    if serial is None:
        return Contact(Outcome.NO_SERIAL)
    return Pairer(settings, clock, client, random_bytes, serial).advance(under_way, account)


def _this_hub(settings: Settings) -> Hub | Outcome:
    """Return who this hub is, or why it cannot tell."""
    account = account_of(settings)
    if isinstance(account, Unreadable):
        return Outcome.ACCOUNT_UNREADABLE
    if not isinstance(account, Linked):
        return Outcome.NOT_LINKED
    serial = vendor_files.read_serial(settings.serial_files)
    return Outcome.NO_SERIAL if serial is None else Hub(serial, account)


def _refresh(
    settings: Settings,
    clock: HubClock,
    client: PortalClient,
    random_bytes: Callable[[int], bytes],
    hub: Hub,
    key: HubKey,
) -> PortalMemory:
    def ask(key: HubKey) -> PortalMemory:
        identity = HubIdentity(
            hub=hub, key=key, portal=settings.portal, clock=clock, random_bytes=random_bytes
        )
        return _ask(identity, client, clock, settings.status)

    try:
        memory = _unless_taken(settings, ask, key)
    except PortalRefused as error:
        if error.reason in LASTING_REASONS:
            refusal = Refusal(settings.portal, hub.account.account_id, error.reason)
            status_cache.save(settings.status, PortalMemory(refusal=refusal))
        raise
    status_cache.save(settings.status, memory)
    if not hub.account.paired:
        # The firmware's account goes first, and the key stands for that one now.
        atomic.remove(settings.link)
    return memory


def _unless_taken(
    settings: Settings, ask: Callable[[HubKey], PortalMemory], key: HubKey
) -> PortalMemory:
    try:
        return ask(key)
    except PortalRefused as error:
        if error.reason not in TAKEN_REASONS:
            raise
        # The key stands for the account that was linked before, or for the hub that this one was
        # copied from; a key stands for one hub and one account.
        return ask(hub_key.replace(settings.hub_key))


def _failed(error: PortalError, clock: HubClock) -> Contact:
    if isinstance(error, PortalRefused):
        facts = (error.reason, error.portal_time, clock.elapsed, error.retry_after)
        return Contact(Outcome.REFUSED, *facts)
    return Contact(Outcome.UNREACHABLE, str(error))


def _ask(identity: HubIdentity, client: PortalClient, clock: HubClock, file: Path) -> PortalMemory:
    """Return the memory that the portal's answer leaves. Raises PortalError, OSError.

    An enrolment is kept in `file` at once, whatever becomes of the question after it. That of a
    paired hub, which asks nobody for one, counts when the portal has answered the question.
    """
    memory = status_cache.load(file)
    if memory.enrolment != identity.enrolment:
        if identity.paired:
            memory = PortalMemory(enrolment=identity.enrolment)
        else:
            memory = _enrol(identity, client, clock, file)
    try:
        return _status(identity, client, clock, memory)
    except PortalRefused as error:
        # Of a paired hub only the customer can confirm a key; there is no secret to enrol by.
        if error.reason not in FORGOTTEN_REASONS or identity.paired:
            raise
        # A portal restored from an older backup, a hub restored on other hardware, a key that was
        # withdrawn: until the portal knows this hub again, a link signed here would lead nowhere.
        # A withdrawn key is refused at the enrolment too, and that is the end of it.
        status_cache.save(file, status_cache.NOTHING)
        memory = _enrol(identity, client, clock, file)
        return _status(identity, client, clock, memory)


def _enrol(
    identity: HubIdentity, client: PortalClient, clock: HubClock, file: Path
) -> PortalMemory:
    with_the_portals_clock(clock, lambda: identity.enrol(client))
    memory = PortalMemory(enrolment=identity.enrolment)
    status_cache.save(file, memory)
    return memory


def _status(
    identity: HubIdentity, client: PortalClient, clock: HubClock, memory: PortalMemory
) -> PortalMemory:
    answer = with_the_portals_clock(clock, lambda: client.status(identity.token(), memory.etag))
    clock.set_by_portal(answer.portal_time)
    if answer.status is None:
        return memory
    if answer.status.account_id != identity.enrolment.account_id:
        raise PortalUnreachable(PortalCause.NOT_THE_PORTAL, "another account")
    return PortalMemory(memory.enrolment, answer.status, answer.etag, answer.portal_time)
