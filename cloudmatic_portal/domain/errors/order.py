"""Why a voucher, a checkout, an order or a payment is refused."""

from __future__ import annotations

from datetime import date

from cloudmatic_portal.domain.errors.base import PortalError


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


class TermsChanged(CheckoutRefused):
    reason = "terms-changed"


class CartNotBuyable(CheckoutRefused):
    reason = "cart-not-buyable"


class MethodNotOffered(CheckoutRefused):
    reason = "method-not-offered"


class BalanceChanged(CheckoutRefused):
    """What the account had left, and was to pay with, is not that any more."""

    reason = "balance-changed"


class PaymentBookedBefore(PortalError):
    reason = "payment-booked-before"

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.source = source


class PaymentUnknown(PortalError):
    reason = "payment-unknown"

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.source = source


class TakenBackBeyond(PortalError):
    """More was to be taken back of the payment `source` than is left of it: `left_cents`."""

    reason = "taken-back-beyond"

    def __init__(self, source: str, left_cents: int) -> None:
        super().__init__(f"of {source} only {left_cents} cents are left")
        self.source = source
        self.left_cents = left_cents


class BalanceTooSmall(PortalError):
    """The account's balance is `balance_cents`, which is less than was to be paid out."""

    reason = "balance-too-small"

    def __init__(self, account_id: int, balance_cents: int) -> None:
        super().__init__(f"the balance of {account_id} is {balance_cents} cents")
        self.account_id = account_id
        self.balance_cents = balance_cents


class BalanceNotAsSeen(PortalError):
    """The account's balance is not the one that an operator looked at."""

    reason = "balance-not-as-seen"

    def __init__(self, account_id: int) -> None:
        super().__init__(f"the balance of {account_id} has changed")
        self.account_id = account_id


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


class TermTooLong(PortalError):
    """A term would be longer than `most` months of a package or messages of a credit."""

    reason = "term-too-long"

    def __init__(self, most: int, what: str) -> None:
        super().__init__(f"at most {most} {what}")
        self.most = most


class PriceInThePast(PortalError):
    """A price would change for days from `first` on, which have passed."""

    reason = "price-in-the-past"

    def __init__(self, first: date) -> None:
        super().__init__(str(first))
        self.first = first
