"""Why a login, a registration or a new password is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from cloudmatic_portal.domain.errors.base import PortalError


class LoginRefused(PortalError):
    """Says nothing about which of the two was wrong."""

    reason = "login-refused"


class SecondFactorRefused(PortalError):
    """The code is wrong, was used, or is no recovery code (any more)."""

    reason = "second-factor-refused"


class SecondFactorOff(PortalError):
    """The account has no second factor."""

    reason = "second-factor-off"

    def __init__(self, account_id: int) -> None:
        super().__init__(str(account_id))
        self.account_id = account_id


class SecondFactorOn(PortalError):
    """The account has a second factor already."""

    reason = "second-factor-on"


class SecondStepEnded(PortalError):
    """The login that wanted a second factor took too long, or was ended."""

    reason = "second-step-ended"


class AccountUnknown(PortalError):
    """No account has that CloudMatic-ID."""

    reason = "account-unknown"

    def __init__(self, account_id: int) -> None:
        super().__init__(str(account_id))
        self.account_id = account_id


class FieldsUnfit(PortalError):
    """`faults` has a word for each field that will not do, such as `{"user_name": "taken"}`."""

    reason = "fields-unfit"

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {fault}" for field, fault in faults.items()))
        self.faults = faults


class PasswordUnfit(FieldsUnfit):
    """`fault` is `short`, `long`, `name` or `common`; see `domain.password`."""

    reason = "password-unfit"

    def __init__(self, fault: str) -> None:
        super().__init__({"password": fault})
        self.fault = fault


class MailLinkRefused(PortalError):
    reason = "mail-link-refused"


class PasswordLinkUnknown(MailLinkRefused):
    reason = "password-link-unknown"


class PasswordLinkExpired(MailLinkRefused):
    reason = "password-link-expired"


class PasswordLinkUsed(MailLinkRefused):
    reason = "password-link-used"


class RegistrationUnknown(MailLinkRefused):
    reason = "registration-unknown"


class RegistrationExpired(MailLinkRefused):
    reason = "registration-expired"


class RegistrationUsed(MailLinkRefused):
    reason = "registration-used"


class UserNameTaken(MailLinkRefused):
    """Another account has `user_name`, in this or another spelling."""

    reason = "user-name-taken"

    def __init__(self, user_name: str) -> None:
        super().__init__(user_name)
        self.user_name = user_name


class EmailTaken(MailLinkRefused):
    reason = "email-taken"


class EmailChangeUnknown(MailLinkRefused):
    reason = "email-change-unknown"


class EmailChangeExpired(MailLinkRefused):
    reason = "email-change-expired"


class EmailChangeUsed(MailLinkRefused):
    reason = "email-change-used"


class EmailChangeStopped(MailLinkRefused):
    reason = "email-change-stopped"


class MailLinkUnknown(MailLinkRefused):
    reason = "mail-link-unknown"


class MailLinkExpired(MailLinkRefused):
    reason = "mail-link-expired"

    def __init__(self, expired_at: datetime) -> None:
        super().__init__(expired_at.isoformat())
        self.expired_at = expired_at


class MailLinkRevoked(MailLinkRefused):
    reason = "mail-link-revoked"

    def __init__(self, revoked_at: datetime) -> None:
        super().__init__(revoked_at.isoformat())
        self.revoked_at = revoked_at


class TooManyAttempts(PortalError):
    """The next attempt may be made in `seconds`."""

    reason = "too-many-attempts"

    def __init__(self, seconds: int) -> None:
        super().__init__(str(seconds))
        self.seconds = seconds
