"""The command line: `ccu-dashboard serve|status|link|doctor`."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from ccu_dashboard import i18n, logs, privileges
from ccu_dashboard import settings as settings_module
from ccu_dashboard.domain.account import Linked, NotLinked, Pending, Unreadable
from ccu_dashboard.domain.booking import SignedLink
from ccu_dashboard.domain.contact import OUTCOMES, Contact, Outcome
from ccu_dashboard.domain.errors import (
    BookingImpossible,
    EngineUnavailable,
    PortalError,
    UnknownProduct,
)
from ccu_dashboard.domain.message import N_
from ccu_dashboard.services.booking import Booking
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.services.overview import Overview, overview
from ccu_dashboard.settings import Settings, SettingsInvalid
from cloudmatic_link import __version__
from cloudmatic_link.claims import BOOKING_KINDS, MAX_MONTHS

EXIT_OK: Final = 0
EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2

_LOG: Final = logging.getLogger(__name__)

Translate = Callable[[str], str]

_STATES: Final = {
    NotLinked: N_("no account is linked"),
    Pending: N_("Registration under way"),
    Unreadable: N_("Account data on the hub unreadable"),
}


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Run one command; returns its exit code: 0 done, 1 failed, 2 wrong use or settings."""
    options = _parser().parse_args(arguments)
    language = _language(environment)
    translate = i18n.catalogue(language).gettext
    logs.to_standard_error("cloudmatic: %(message)s")
    try:
        settings = settings_module.load(environment)
        options.write_day = i18n.day_writer(language)
        return int(options.run(settings, options, translate))
    except SettingsInvalid as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return EXIT_USAGE
    except OSError as error:
        print(f"{error.filename or ''}: {error.strerror}", file=sys.stderr)
        return EXIT_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ccu-dashboard", description="CloudMatic on this hub")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True)
    serve = commands.add_parser("serve", help="run the dashboard's service")
    serve.add_argument(
        "--relay", action="store_true", help="also listen on loopback, for the relay (index.cgi)"
    )
    serve.set_defaults(run=_serve)
    status = commands.add_parser("status", help="show the linked account and its package")
    status.add_argument("--refresh", action="store_true", help="ask the portal first")
    status.add_argument("--json", action="store_true", help="for programs")
    status.set_defaults(run=_status)
    link = commands.add_parser("link", help="print a booking link (valid for two minutes, once)")
    link.add_argument("product", nargs="?", help="default: the active package")
    link.add_argument("--months", type=int, choices=range(1, MAX_MONTHS + 1), metavar="N")
    link.add_argument("--kind", choices=BOOKING_KINDS)
    link.set_defaults(run=_link)
    doctor = commands.add_parser("doctor", help="check everything the dashboard needs")
    doctor.add_argument("--json", action="store_true", help="for the dashboard's own page")
    doctor.set_defaults(run=_doctor)
    goodbye = commands.add_parser("goodbye", help="tell the portal that this hub leaves")
    goodbye.add_argument("--portal", required=True, help="its origin; the token is read from stdin")
    goodbye.set_defaults(run=_goodbye)
    signal = commands.add_parser("signal", help="the system variable for own automations")
    signal.add_argument("--remove", action="store_true", required=True, help="delete it")
    signal.set_defaults(run=_signal)
    return parser


def _serve(settings: Settings, options: argparse.Namespace, _translate: Translate) -> int:
    # No other command needs a web server.
    from ccu_dashboard.server import AlreadyRunning, serve  # noqa: PLC0415

    logs.to_standard_error("%(levelname)s %(message)s")
    try:
        serve(settings, relay=options.relay)
    except AlreadyRunning:
        _LOG.error("the service runs already; this one ends")
        return EXIT_FAILED
    return EXIT_OK


def _status(settings: Settings, options: argparse.Namespace, translate: Translate) -> int:
    clock = HubClock()
    contact = _refresh(settings, clock) if options.refresh else None
    shown = asyncio.run(overview(settings, clock.today()))
    if options.json:
        print(json.dumps({"contact": contact and _contact(contact), **_facts(shown)}))
    else:
        print(_sentence(shown, translate, options.write_day))
        if contact is not None:
            said = f"{translate(OUTCOMES[contact.outcome])} {contact.reason}".rstrip()
            print(f"{translate(N_('Portal'))}: {said}")
    if contact is not None:
        # Said by now: whatever becomes of this question, it takes nothing from that answer.
        sys.stdout.flush()
        _look_for_release(settings, clock, contact)
    return EXIT_OK


def _refresh(settings: Settings, clock: HubClock) -> Contact:
    # Each of the two brings a library that plain `status` does without.
    from ccu_dashboard.clients.portal import PortalClient  # noqa: PLC0415
    from ccu_dashboard.services.status import refresh  # noqa: PLC0415

    _as_the_service(settings)
    client = PortalClient(settings.portal, settings.ca_bundle)
    return refresh(settings, clock, client, os.urandom)


def _look_for_release(settings: Settings, clock: HubClock, contact: Contact) -> None:
    from ccu_dashboard.clients.portal import PortalClient  # noqa: PLC0415  as above
    from ccu_dashboard.services import releases  # noqa: PLC0415

    if contact.outcome in {Outcome.UNREACHABLE, Outcome.SILENT}:
        return
    releases.look(settings, clock, PortalClient(settings.portal, settings.ca_bundle))


def _link(settings: Settings, options: argparse.Namespace, translate: Translate) -> int:
    clock = HubClock()
    shown = asyncio.run(overview(settings, clock.today()))
    product = options.product or (shown.active_product and shown.active_product.code) or ""
    try:
        target = Booking(settings, clock, os.urandom).target(
            shown, product, options.months, options.kind
        )
    except BookingImpossible:
        print(translate(N_("No account is linked to this hub")), file=sys.stderr)
        return EXIT_FAILED
    except UnknownProduct:
        codes = ", ".join(each.code for each in shown.offered)
        print(translate(N_("Name one of: %(codes)s")) % {"codes": codes}, file=sys.stderr)
        return EXIT_USAGE
    if not isinstance(target, SignedLink):
        print(translate(N_("No link can be signed; log in there as:")), target.user_name)
    print(target.address)
    return EXIT_OK


def _goodbye(settings: Settings, options: argparse.Namespace, _translate: Translate) -> int:
    from ccu_dashboard.clients.portal import PortalClient  # noqa: PLC0415  as above

    privileges.drop(settings.service_uid)
    token = sys.stdin.readline().strip()
    try:
        PortalClient(options.portal, settings.ca_bundle).leave(token)
    except PortalError as error:
        print(json.dumps({"said": False, "reason": str(error)}))
        return EXIT_FAILED
    print(json.dumps({"said": True}))
    return EXIT_OK


def _signal(settings: Settings, _options: argparse.Namespace, translate: Translate) -> int:
    from ccu_dashboard.clients.logic_engine import LogicEngine  # noqa: PLC0415  as above

    privileges.drop(settings.service_uid)

    async def remove() -> None:
        async with LogicEngine(settings.engine) as engine:
            await engine.remove_days()

    try:
        asyncio.run(remove())
    except EngineUnavailable:
        print(translate(N_("The logic engine does not answer.")), file=sys.stderr)
        return EXIT_FAILED
    return EXIT_OK


def _doctor(settings: Settings, options: argparse.Namespace, translate: Translate) -> int:
    from ccu_dashboard.clients.portal import PortalClient  # noqa: PLC0415  as above
    from ccu_dashboard.domain.finding import State  # noqa: PLC0415
    from ccu_dashboard.services import diagnosis  # noqa: PLC0415
    from ccu_dashboard.services.doctor import examine, facts  # noqa: PLC0415

    # With root's eyes every file could be read.
    privileges.drop(settings.service_uid)
    client = PortalClient(settings.portal, settings.ca_bundle)
    clock = HubClock()
    findings = asyncio.run(examine(settings, clock, client))
    if options.json:
        report = diagnosis.Report(tuple(findings), facts(settings, clock), clock.now())
        print(diagnosis.to_json(report))
        return EXIT_OK
    marks = {State.OK: "ok  ", State.WARNING: "warn", State.FAILED: "FAIL"}
    for finding in findings:
        found = finding.found.translated(translate)
        print(f"{marks[finding.state]}  {translate(finding.subject)}: {found}")
        if finding.advice is not None:
            print(f"      -> {finding.advice.translated(translate)}")
    return EXIT_FAILED if any(each.state is State.FAILED for each in findings) else EXIT_OK


def _as_the_service(settings: Settings) -> None:
    """What root's command line writes must stay the service's own."""
    privileges.prepare_folder(settings.state_folder, settings.service_uid)
    privileges.drop(settings.service_uid)


def _contact(contact: Contact) -> dict[str, object]:
    portal_time = contact.portal_time and contact.portal_time.isoformat()
    return {
        "outcome": contact.outcome,
        "reason": contact.reason,
        "portal_time": portal_time,
        "elapsed": contact.elapsed,
        "pause": contact.pause,
    }


def _facts(shown: Overview) -> dict[str, object]:
    account, active = shown.account, shown.packages.active if shown.packages else None
    linked = account if isinstance(account, Linked) else None
    return {
        "state": type(account).__name__.lower(),
        "account_id": linked and linked.account_id,
        "user_name": linked and linked.user_name,
        "serial": shown.serial,
        "product": active.product.code if active and active.product else None,
        "last_day": active.last_day.isoformat() if active and active.last_day else None,
        "trial": active.trial if active else None,
        "told_at": shown.told_at and shown.told_at.isoformat(),
    }


def _sentence(shown: Overview, translate: Translate, write_day: Callable[[date], str]) -> str:
    if not isinstance(shown.account, Linked) or shown.packages is None:
        return translate(_STATES[type(shown.account)])
    active = shown.packages.active
    name = active.product.name if active.product else translate(N_("Package not known"))
    until = write_day(active.last_day) if active.last_day else "?"
    sentence = translate(N_("%(user)s (%(id)s): %(name)s until %(until)s"))
    return sentence % {
        "user": shown.account.user_name,
        "id": shown.account.account_id,
        "name": name,
        "until": until,
    }


def _language(environment: Mapping[str, str]) -> i18n.Language:
    """The POSIX variables in their order; a hub sets none of them and speaks German."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        language = i18n.chosen(environment.get(name, "")[:2].lower())
        if language is not None:
            return language
    return i18n.DEFAULT
