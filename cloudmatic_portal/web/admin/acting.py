"""What every action of an operator has: a reason, and a line in the audit log."""

from __future__ import annotations

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE
from cloudmatic_portal.domain.audit import LONGEST_REASON, Action, AuditEntry
from cloudmatic_portal.domain.errors import FieldsUnfit
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.services.audit import Audited
from cloudmatic_portal.web.forms import Form


def reason(form: Form, longest: int = LONGEST_REASON, too_long: str = "long") -> str:
    """Why the operator does it. Raises FieldsUnfit if that is missing or too long."""
    given = form.get("reason", "").strip()
    if not given:
        raise FieldsUnfit({"reason": "missing"})
    if len(given) > longest:
        raise FieldsUnfit({"reason": too_long})
    return given


def audited(  # noqa: PLR0913 - the columns of the log
    request: web.Request,
    operator: Operator,
    action: Action,
    about: str,
    *,
    why: str | None = None,
    detail: str | None = None,
    several: bool = False,
) -> Audited:
    """The database for one action, which is noted with what it does; see `Audited`."""
    entry = AuditEntry(
        at=request.app[CLOCK](),
        operator=operator.name,
        operator_id=operator.operator_id,
        action=action,
        object=about,
        detail=detail,
        reason=why,
    )
    return Audited(request.app[DATABASE], entry, several=several)
