"""Words of the operators' pages that the database keeps: marked here, translated where shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloudmatic_portal.domain.audit import Action
from cloudmatic_portal.domain.operator import Role
from cloudmatic_portal.web.i18n import N_

ACTIONS: Final[Mapping[Action, str]] = {
    "add operator": N_("operator added"),
    "set operator up again": N_("operator set up again"),
    "disable operator": N_("operator disabled"),
    "set up": N_("login set up"),
    "log in": N_("logged in"),
    "revoke hub key": N_("hub's keys revoked"),
    "cancel order": N_("order cancelled"),
    "book payment": N_("payment booked"),
    "make voucher": N_("voucher made"),
    "retry action": N_("action to be done again"),
    "retry mail": N_("mail to be sent again"),
}

ROLES: Final[Mapping[Role, str]] = {
    "support": N_("Support"),
    "accounting": N_("Accounting"),
    "admin": N_("Administrator"),
}
