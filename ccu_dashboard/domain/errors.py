"""What can go wrong, with the facts that a page or a command line needs to explain it.

DashboardError
├── SessionRequired         no WebUI session, or not one the hub knows
├── NotAllowed              a session whose level does not suffice
├── EngineUnavailable       the logic engine did not answer, or not as it should
├── FormStale               a form from another session or an earlier start
├── BookingImpossible       nothing is linked that could be booked for
├── UnknownProduct
├── PairingImpossible       there is nothing to pair, or this hub does not know its serial
└── PortalError
    ├── PortalUnreachable   no answer that could be the portal's
    └── PortalRefused       the portal answered no, with its reason
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from ccu_dashboard.domain.session import Level


class DashboardError(Exception):
    """Base of everything the dashboard explains to a user instead of failing."""


class SessionRequired(DashboardError):
    """There is no WebUI session behind the request; what was sent is not kept."""


class NotAllowed(DashboardError):
    """The session's `level` does not suffice for what was asked."""

    def __init__(self, level: Level) -> None:
        super().__init__(level.name)
        self.level = level


class EngineUnavailable(DashboardError):
    """The logic engine could not be asked; `cause` is for the log."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class FormStale(DashboardError):
    """The form's token does not belong to this session and this start of the service."""


class BookingImpossible(DashboardError):
    """No account is linked, so there is nobody to book for."""


class UnknownProduct(DashboardError):
    """The form names a product that is not offered."""


class PairingImpossible(DashboardError):
    """The hub has its account, or does not know its own serial number."""


class PortalCause(StrEnum):
    """Why there was no answer from the portal."""

    NAME = "name-not-found"
    CONNECTION = "no-connection"
    TIMEOUT = "timeout"
    TLS = "certificate-not-trusted"
    NOT_THE_PORTAL = "not-the-portal"


class PortalError(DashboardError):
    """Base of what can go wrong on the way to the portal.

    `portal_time` is the portal's own clock (UTC) where it got as far as to tell it.
    """

    portal_time: datetime | None = None


class PortalUnreachable(PortalError):
    """`cause` is what a user can act on, `detail` a technical word for the diagnosis."""

    def __init__(self, cause: PortalCause, detail: str = "") -> None:
        super().__init__(cause.value)
        self.cause = cause
        self.detail = detail


class PortalRefused(PortalError):
    """The portal answered with HTTP `status` and its stable `reason`.

    `retry_after`: it asks to be left alone for so many seconds.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        portal_time: datetime | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{status} {reason}")
        self.retry_after = retry_after
        self.status = status
        self.reason = reason
        self.portal_time = portal_time
