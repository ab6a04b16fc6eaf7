"""Whether the portal is well: for a balancer, for monitoring, for the operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cloudmatic_portal.storage import vitals as stored
from cloudmatic_portal.storage.database import Database


@dataclass(frozen=True, slots=True)
class Vitals:
    """What waits although it is due, and for how many seconds; what was set aside."""

    overdue_actions: int
    oldest_action_seconds: float
    overdue_mails: int
    oldest_mail_seconds: float
    failed_actions: int
    failed_mails: int
    uncertain_mails: int
    waiting_invoices: int


@dataclass(slots=True)
class Readiness:
    """Whether this process wants requests; it does until it was told to stop."""

    stopping: bool = False


async def measure(database: Database, now: datetime) -> Vitals:
    """Count what waits and what was set aside, as of `now`."""
    async with database.reading() as connection:
        actions, oldest_action = await stored.overdue_actions(connection, now)
        waiting, oldest_mail = await stored.overdue_mails(connection, now)
        failed_actions, failed_mails, uncertain = await stored.set_aside(connection)
        invoices = await stored.waiting_invoices(connection)
    return Vitals(
        overdue_actions=actions,
        oldest_action_seconds=_age(oldest_action, now),
        overdue_mails=waiting,
        oldest_mail_seconds=_age(oldest_mail, now),
        failed_actions=failed_actions,
        failed_mails=failed_mails,
        uncertain_mails=uncertain,
        waiting_invoices=invoices,
    )


async def ready(database: Database, readiness: Readiness) -> bool:
    """Whether requests would be answered: not about to stop, and the database is there.

    A process that is busy is not away: without it the others would have its visitors, too.
    """
    if readiness.stopping:
        return False
    if database.busy:
        return True
    try:
        async with database.reading() as connection:
            await stored.alive(connection)
    except Exception:  # noqa: BLE001 - whatever it is, no request could be answered
        return False
    return True


def _age(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())
