"""Check each thing the dashboard needs, and say what to do where one is wrong."""

from __future__ import annotations

import platform
import socket
import stat
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from ccu_dashboard.clients.logic_engine import LogicEngine
from ccu_dashboard.clients.portal import PortalClient
from ccu_dashboard.domain.account import Fault, Linked, NotLinked, Pending
from ccu_dashboard.domain.errors import (
    EngineUnavailable,
    PortalCause,
    PortalRefused,
    PortalUnreachable,
)
from ccu_dashboard.domain.finding import Finding, State
from ccu_dashboard.domain.message import N_, Message
from ccu_dashboard.domain.session import Sid
from ccu_dashboard.services import doctor_updates
from ccu_dashboard.services.accounts import account_of
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.services.doctor_updates import COMMAND, SPEAK_AGAIN
from ccu_dashboard.services.overview import memory_of, refusal_of
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import hub_key, status_cache, vendor_files
from cloudmatic_link import __version__
from cloudmatic_link.keys import KeyUnusable

_CLOCK_TOLERANCE: Final = timedelta(seconds=90)
_NOBODY: Final = Sid("0000000000")


FAULTS: Final = {
    Fault.NO_PERMISSION: N_("it cannot be opened"),
    Fault.EMPTY: N_("it is empty"),
    Fault.TRUNCATED: N_("it breaks off in the middle of a line"),
    Fault.BINARY: N_("it does not hold text"),
    Fault.TOO_LARGE: N_("it is far too large"),
    Fault.INCOMPLETE: N_("an entry is missing"),
    Fault.BAD_VALUE: N_("an entry holds something that it cannot mean"),
}


async def examine(settings: Settings, clock: HubClock, client: PortalClient) -> list[Finding]:
    """Return the findings of all checks, in the order in which they depend on each other."""
    findings = [_account(settings), _serial(settings), await _engine(settings), _service(settings)]
    key, key_id = _key(settings)
    findings += [key, *_portal(settings, clock, client), _enrolment(settings, key_id)]
    findings.append(doctor_updates.examine(settings, clock))
    return findings


def _account(settings: Settings) -> Finding:
    subject = N_("Account data")
    match account_of(settings):
        case Linked() as account:
            values = {"name": account.user_name, "id": account.account_id}
            return Finding(subject, State.OK, Message(N_("linked to %(name)s (%(id)s)"), values))
        case NotLinked() | Pending():
            return Finding(
                subject,
                State.WARNING,
                Message(N_("no account is linked")),
                Message(N_("Link one: WebUI > Settings > Control panel > CloudMatic.")),
            )
        case unreadable:
            values = {"file": unreadable.file, "fault": FAULTS[unreadable.fault]}
            return Finding(
                subject,
                State.FAILED,
                Message(N_("%(file)s cannot be used: %(fault)s"), values),
                Message(N_("Link the account again, so that the firmware writes the file anew.")),
            )


def _serial(settings: Settings) -> Finding:
    subject, serial = N_("Serial number"), vendor_files.read_serial(settings.serial_files)
    if serial is not None:
        return Finding(subject, State.OK, Message("%(serial)s", {"serial": serial}))
    return Finding(
        subject,
        State.FAILED,
        Message(N_("none of the hub's files holds one")),
        Message(N_("Restart the hub; its radio module may not have answered at the last start.")),
    )


async def _engine(settings: Settings) -> Finding:
    subject = N_("Logic engine")
    async with LogicEngine(settings.engine) as engine:
        try:
            await engine.user_of(_NOBODY)
        except EngineUnavailable as error:
            values = {"address": settings.engine, "cause": error.cause}
            return Finding(
                subject,
                State.FAILED,
                Message(N_("no answer from %(address)s: %(cause)s"), values),
                Message(N_("Wait some minutes after a start; if it stays so, restart the hub.")),
            )
    return Finding(subject, State.OK, Message(N_("answers")))


def _service(settings: Settings) -> Finding:
    subject = N_("Dashboard service")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(settings.socket))
        except OSError:
            return Finding(
                subject,
                State.FAILED,
                Message(N_("does not run")),
                Message(N_("Start it: /usr/local/etc/config/rc.d/cloudmatic start")),
            )
    return Finding(subject, State.OK, Message(N_("runs")))


def _key(settings: Settings) -> tuple[Finding, str | None]:
    """Return the finding about the key, and the key's id if it can be used."""
    subject, path = N_("Key of this hub"), settings.hub_key
    try:
        key = hub_key.load(path)
        if key is None:
            advice = Message(N_("The service makes it at its first start."))
            return Finding(subject, State.WARNING, Message(N_("not made yet")), advice), None
        mode = stat.S_IMODE(path.stat().st_mode)
    except (KeyUnusable, OSError) as error:
        values = {"path": path, "cause": type(error).__name__}
        advice = Message(
            N_("Restore it from a backup, or delete the file: the service makes a new key.")
        )
        found = Message(N_("%(path)s cannot be used: %(cause)s"), values)
        return Finding(subject, State.FAILED, found, advice), None
    if mode & 0o077:
        found = Message(N_("others on this hub can read it (mode %(mode)04o)"), {"mode": mode})
        advice = Message("chmod 600 %(path)s", {"path": path})
        return Finding(subject, State.WARNING, found, advice), key.key_id
    return Finding(subject, State.OK, Message("%(id)s", {"id": key.key_id})), key.key_id


def _portal(settings: Settings, clock: HubClock, client: PortalClient) -> Iterator[Finding]:
    subject, where = N_("Portal"), {"portal": settings.portal}
    if settings.silent.exists():
        yield _kept_away_from(subject)
        return
    try:
        clock.set_by_portal(client.time())
    except PortalUnreachable as error:
        values = where | {"cause": error.cause.value, "detail": error.detail}
        found = Message(N_("%(portal)s cannot be reached: %(cause)s (%(detail)s)"), values)
        yield Finding(subject, State.FAILED, found, Message(_PORTAL_ADVICE[error.cause]))
        return
    except PortalRefused:
        yield Finding(subject, State.WARNING, Message(N_("%(portal)s answers strangely"), where))
        return
    secure = settings.portal.startswith("https:")
    answers = N_("%(portal)s answers, certificate valid") if secure else N_("%(portal)s answers")
    yield Finding(subject, State.OK, Message(answers, where))
    yield _clock(clock)


_PORTAL_ADVICE: Final = {
    PortalCause.NAME: N_("Check the hub's network settings: it finds no address for that name."),
    PortalCause.CONNECTION: N_("Check the hub's way to the internet (cable, router, firewall)."),
    PortalCause.TIMEOUT: N_("Try again later; if it stays so, check the way to the internet."),
    PortalCause.TLS: N_(
        "Check the hub's date first: with a wrong date no certificate is valid. Otherwise "
        "something between hub and portal opens the connection; do not go on until it is found."
    ),
    PortalCause.NOT_THE_PORTAL: N_(
        "Something else answers in its place, often a guest network's login page."
    ),
}


def _clock(clock: HubClock) -> Finding:
    subject, error = N_("Clock"), clock.error or timedelta(0)
    if abs(error) <= _CLOCK_TOLERANCE:
        return Finding(subject, State.OK, Message(N_("agrees with the portal's")))
    return Finding(
        subject,
        State.WARNING,
        Message(N_("is off by %(seconds)d seconds"), {"seconds": error.total_seconds()}),
        Message(N_("Booking works all the same. Check the time server in the WebUI.")),
    )


def _enrolment(settings: Settings, key_id: str | None) -> Finding:
    subject = N_("Known to the portal")
    account = account_of(settings)
    if settings.silent.exists():
        return _kept_away_from(subject)
    refusal = refusal_of(status_cache.load(settings.status), settings, account)
    if refusal is not None:
        found = Message(N_("the portal refuses this hub: %(reason)s"), {"reason": refusal})
        advice = Message(N_("Link it anew with a code, on the dashboard."))
        return Finding(subject, State.FAILED, found, advice)
    enrolment = memory_of(settings, account).enrolment
    if enrolment is None or enrolment.key_id != key_id:
        return Finding(
            subject,
            State.WARNING,
            Message(N_("not yet")),
            Message(N_("Run: %(command)s status --refresh"), {"command": COMMAND}),
        )
    values = {"id": enrolment.account_id, "portal": enrolment.portal}
    return Finding(subject, State.OK, Message(N_("for account %(id)s at %(portal)s"), values))


def _kept_away_from(subject: str) -> Finding:
    found = Message(N_("kept away from, since personal data were deleted here"))
    return Finding(subject, State.WARNING, found, SPEAK_AGAIN)


def facts(settings: Settings, clock: HubClock) -> dict[str, str]:
    """What support asks for first: versions and times. No secret, no session, no key."""
    memory = status_cache.load(settings.status)
    heard = memory.received_at.isoformat(timespec="seconds") if memory.received_at else "-"
    return {
        "cloudmatic-ccu": __version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "firmware": _firmware(settings),
        "portal": settings.portal,
        "status of": heard,
        "portal refuses": memory.refusal.reason if memory.refusal else "-",
        "hub clock": clock.now().isoformat(timespec="seconds"),
        "up for": f"{clock.elapsed / 3600:.1f} h",
    }


def _firmware(settings: Settings) -> str:
    """`/VERSION` of the hub, as `PRODUCT VERSION`."""
    try:
        text = (settings.root / "VERSION").read_bytes()[:4096].decode("ascii", "replace")
    except OSError:
        return "-"
    named = dict(line.partition("=")[::2] for line in text.splitlines())
    return f"{named.get('PRODUCT', '?')} {named.get('VERSION', '?')}"
