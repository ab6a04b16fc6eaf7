"""Why a mail was not sent."""

from __future__ import annotations

from cloudmatic_portal.domain.errors.base import PortalError


class MailNotSent(PortalError):
    """`detail` is the other side's word or ours; it holds no secret."""

    reason = "mail-not-sent"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class MailDeferred(MailNotSent):
    reason = "mail-deferred"


class MailRejected(MailNotSent):
    reason = "mail-rejected"


class MailUncertain(MailNotSent):
    reason = "mail-uncertain"
