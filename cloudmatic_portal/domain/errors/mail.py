"""Why a mail was not sent, or is not sent again."""

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


class MailUnknown(PortalError):
    """The outbox has no mail of that number."""

    reason = "mail-unknown"

    def __init__(self, mail_id: int) -> None:
        super().__init__(str(mail_id))
        self.mail_id = mail_id


class MailCannot(PortalError):
    """The mail is not to be sent (again), because of `why`."""

    reason = "mail-cannot"

    def __init__(self, mail_id: int, why: str) -> None:
        super().__init__(f"{mail_id}: {why}")
        self.mail_id = mail_id
        self.why = why
