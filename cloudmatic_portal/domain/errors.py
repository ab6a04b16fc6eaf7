"""What the portal refuses, and why.

    PortalError
    ├── BookingRefused                a booking link that verifies, or cannot be verified, here
    │   ├── UnknownKey                no hub enrolled the key that signed
    │   ├── RevokedKey                the key was withdrawn
    │   ├── HubMismatch               the key belongs to another hub than the token names
    │   ├── AccountMismatch           the key's hub is linked to another account
    │   ├── LinkReplayed              the link was used before
    │   ├── ProductUnknown
    │   ├── ProductNotSold            known, but not offered (any more)
    │   ├── TermNotOffered            not for so many months or messages
    │   └── KindNotOffered            not as a subscription
    ├── MailLinkRefused
    │   ├── MailLinkUnknown
    │   ├── MailLinkExpired
    │   └── MailLinkRevoked
    ├── EnrolmentRefused
    │   ├── CredentialsRefused        CloudMatic-ID and user key do not belong together
    │   └── KeyElsewhere              another hub or account has enrolled this very key
    ├── LoginRefused                  user name and password do not belong together
    ├── VoucherRefused
    │   ├── VoucherUnknown
    │   ├── VoucherForAnotherAccount
    │   ├── VoucherNotYetValid
    │   ├── VoucherExpired
    │   ├── VoucherUsedUp
    │   ├── VoucherUsedBefore         by this account
    │   ├── VoucherFitsNothing        it would take nothing off the cart
    │   └── VoucherNotCombinable
    ├── VoucherNotMade                its code is taken, or its product or account is unknown
    ├── CheckoutRefused
    │   ├── CartChanged               since the page was made, in another tab
    │   ├── QuoteChanged              prices or vouchers since the page was made
    │   ├── CartNotBuyable            it is empty, or an article is not sold any more
    │   └── MethodNotOffered
    ├── PaymentBookedBefore           the same payment, from the same source
    ├── SubscriptionUnknown
    ├── SubscriptionCannot            its state does not allow that
    ├── OrderUnknown
    ├── OrderCannot                   its state does not allow that
    ├── FieldsUnfit                   a form whose fields will not do, each for its own reason
    │   └── PasswordUnfit             not a password that will do
    ├── MailLinkRefused               a link from a mail, that does not do (any more)
    │   ├── PasswordLinkUnknown
    │   ├── PasswordLinkExpired
    │   ├── PasswordLinkUsed          also by a newer password
    │   ├── RegistrationUnknown
    │   ├── RegistrationExpired
    │   ├── RegistrationUsed          there is the account
    │   ├── UserNameTaken             by somebody who was faster
    │   └── EmailTaken                the address has got another account meanwhile
    ├── TooManyAttempts               to be tried again after a while
    ├── SessionEnded                  there was a session; it is over
    ├── FormRefused                   a form that is not one of ours, or too old
    ├── RequestMalformed              the API cannot read the request
    ├── NoRelease                     no release feed has been laid down
    └── MailNotSent
        ├── MailDeferred              not taken now; it may be later
        ├── MailRejected              never will be
        └── MailUncertain             handed over, and no word whether it was taken

The reasons of `cloudmatic_link.errors` stand beside these: they say why a token is no good
whoever reads it; these say why it is no good here. Each class has a `reason` that never changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar


class PortalError(Exception):
    """Base of everything that the portal refuses."""

    reason: ClassVar[str] = "refused"


class BookingRefused(PortalError):
    reason = "booking-refused"


class UnknownKey(BookingRefused):
    reason = "unknown-key"

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id)
        self.key_id = key_id


class RevokedKey(BookingRefused):
    """The key `key_id` was withdrawn at `revoked_at` (UTC)."""

    reason = "revoked-key"

    def __init__(self, key_id: str, revoked_at: datetime) -> None:
        super().__init__(key_id)
        self.key_id = key_id
        self.revoked_at = revoked_at


class HubMismatch(BookingRefused):
    reason = "hub-mismatch"

    def __init__(self, serial: str) -> None:
        super().__init__(serial)
        self.serial = serial


class AccountMismatch(BookingRefused):
    reason = "account-mismatch"

    def __init__(self, account_id: str) -> None:
        super().__init__(account_id)
        self.account_id = account_id


class LinkReplayed(BookingRefused):
    """The link made at `made_at` (UTC) has done its work already."""

    reason = "replayed"

    def __init__(self, made_at: datetime) -> None:
        super().__init__(made_at.isoformat())
        self.made_at = made_at


class ProductUnknown(BookingRefused):
    reason = "product-unknown"

    def __init__(self, product: str) -> None:
        super().__init__(product)
        self.product = product


class ProductNotSold(BookingRefused):
    reason = "product-not-sold"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class TermNotOffered(BookingRefused):
    """`name` is sold, but for the months (or messages) in `offered` only."""

    reason = "term-not-offered"

    def __init__(self, name: str, quantity: int, offered: tuple[int, ...]) -> None:
        super().__init__(f"{name}, {quantity}")
        self.name = name
        self.quantity = quantity
        self.offered = offered


class KindNotOffered(BookingRefused):
    reason = "kind-not-offered"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class MailLinkRefused(PortalError):
    """Base of what a booking link from a mail can be refused for."""

    reason = "mail-link-refused"


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


class EnrolmentRefused(PortalError):
    reason = "enrolment-refused"


class CredentialsRefused(EnrolmentRefused):
    """Says nothing about which of the two was wrong."""

    reason = "credentials-refused"


class KeyElsewhere(EnrolmentRefused):
    reason = "key-elsewhere"

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id)
        self.key_id = key_id


class LoginRefused(PortalError):
    """Says nothing about which of the two was wrong."""

    reason = "login-refused"


class VoucherRefused(PortalError):
    """Base of what a voucher can be refused for; `code` is the one that was entered."""

    reason = "voucher-refused"

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class VoucherUnknown(VoucherRefused):
    reason = "voucher-unknown"


class VoucherForAnotherAccount(VoucherRefused):
    reason = "voucher-for-another-account"


class VoucherNotYetValid(VoucherRefused):
    reason = "voucher-not-yet-valid"

    def __init__(self, code: str, valid_from: date) -> None:
        super().__init__(code)
        self.valid_from = valid_from


class VoucherExpired(VoucherRefused):
    reason = "voucher-expired"

    def __init__(self, code: str, valid_until: date) -> None:
        super().__init__(code)
        self.valid_until = valid_until


class VoucherUsedUp(VoucherRefused):
    reason = "voucher-used-up"

    def __init__(self, code: str, limit: int) -> None:
        super().__init__(code)
        self.limit = limit


class VoucherUsedBefore(VoucherRefused):
    reason = "voucher-used-before"


class VoucherFitsNothing(VoucherRefused):
    reason = "voucher-fits-nothing"


class VoucherNotCombinable(VoucherRefused):
    reason = "voucher-not-combinable"


class VoucherNotMade(PortalError):
    """The code is taken, or the voucher names a product or an account that is not there."""

    reason = "voucher-not-made"

    def __init__(self, code: str) -> None:
        super().__init__(f"{code}: taken, or its product or account is unknown")
        self.code = code


class CheckoutRefused(PortalError):
    reason = "checkout-refused"


class CartChanged(CheckoutRefused):
    reason = "cart-changed"


class QuoteChanged(CheckoutRefused):
    reason = "quote-changed"


class CartNotBuyable(CheckoutRefused):
    reason = "cart-not-buyable"


class MethodNotOffered(CheckoutRefused):
    reason = "method-not-offered"


class PaymentBookedBefore(PortalError):
    reason = "payment-booked-before"

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.source = source


class SubscriptionUnknown(PortalError):
    reason = "subscription-unknown"

    def __init__(self, subscription_id: int) -> None:
        super().__init__(str(subscription_id))
        self.subscription_id = subscription_id


class SubscriptionCannot(PortalError):
    """The subscription is `state` and does not allow what was asked."""

    reason = "subscription-cannot"

    def __init__(self, subscription_id: int, state: str) -> None:
        super().__init__(f"{subscription_id} is {state}")
        self.subscription_id = subscription_id
        self.state = state


class OrderUnknown(PortalError):
    reason = "order-unknown"

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference


class OrderCannot(PortalError):
    """The order `number` is `state` and cannot become `wanted`."""

    reason = "order-cannot"

    def __init__(self, number: str, state: str, wanted: str) -> None:
        super().__init__(f"{number} is {state}, not to be {wanted}")
        self.number = number
        self.state = state
        self.wanted = wanted


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


class TooManyAttempts(PortalError):
    """The next attempt may be made in `seconds`."""

    reason = "too-many-attempts"

    def __init__(self, seconds: int) -> None:
        super().__init__(str(seconds))
        self.seconds = seconds


class SessionEnded(PortalError):
    reason = "session-ended"


class FormRefused(PortalError):
    """`check` names what was not as in a form of ours: origin, token, size, fields."""

    reason = "form-refused"

    def __init__(self, check: str) -> None:
        super().__init__(check)
        self.check = check


class RequestMalformed(PortalError):
    """`member` of the request's JSON, or the document itself, is not as agreed."""

    reason = "malformed-request"

    def __init__(self, member: str) -> None:
        super().__init__(member)
        self.member = member


class NoRelease(PortalError):
    reason = "no-release"


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
