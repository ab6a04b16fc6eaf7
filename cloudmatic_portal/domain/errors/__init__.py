"""What the portal refuses, and why.

    PortalError
    ├── Overloaded                    too many wait already
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
    ├── EnrolmentRefused
    │   ├── CredentialsRefused        CloudMatic-ID and user key do not belong together
    │   └── KeyElsewhere              another hub or account has enrolled this very key
    ├── PairingError                  a hub asks whether it has been confirmed (RFC 8628)
    │   ├── PairingPending            nobody has decided yet
    │   ├── PairingTooFast            the same, and the hub asks too often
    │   ├── PairingExpired            nobody decided in time, or it was never begun
    │   └── PairingRefused            the customer did not want it
    ├── PairingCodeUnknown            no hub shows that code (any more)
    ├── PairingForAnotherAccount      the hub's own files name another account
    ├── HubUnknown                    not a hub of this account
    ├── LoginRefused                  user name and password do not belong together
    ├── SecondFactorRefused           the code is wrong or used
    ├── SecondFactorOff               there is none to be asked for or switched off
    ├── SecondFactorOn                there is one already
    ├── SecondStepEnded               the login took too long before its second step
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
    │   ├── TermsChanged              the operator's terms since the page was made
    │   ├── CartNotBuyable            it is empty, or an article is not sold any more
    │   ├── BalanceChanged            since the page was made
    │   └── MethodNotOffered
    ├── PaymentBookedBefore           the same payment, from the same source
    ├── PriceInThePast                prices of days that have passed are not changed
    ├── TermTooLong                   nothing is priced for so many months or messages
    ├── PaymentUnknown                none was booked from that source
    ├── TakenBackBeyond               more than is left of the payment
    ├── BalanceTooSmall               to be paid out
    ├── BalanceNotAsSeen              by the operator who wants to book on it
    ├── AccountUnknown                there is none of that CloudMatic-ID
    ├── StatementRefused
    │   ├── StatementUnreadable       not a bank's file as it should be: line and reason
    │   └── StatementForeign          of an account that is not ours
    ├── BankLineUnknown
    ├── BankLineCannot                it was settled before
    ├── SharesUnfit                   they cannot be booked for the line
    │   ├── SharesDoNotAddUp          they are not what arrived
    │   └── SharesInAnotherCurrency
    ├── SubscriptionUnknown
    ├── SubscriptionCannot            its state does not allow that
    ├── OrderUnknown
    ├── OrderCannot                   its state does not allow that
    ├── InvoiceUnknown                or somebody else's
    ├── InvoiceDamaged                its document is not the one that was issued
    ├── VatIdUnknown                  the account has entered another one, or none
    ├── FieldsUnfit                   a form whose fields will not do, each for its own reason
    │   └── PasswordUnfit             not a password that will do
    ├── MailLinkRefused               a link from a mail, that does not do (any more)
    │   ├── PasswordLinkUnknown
    │   ├── PasswordLinkExpired
    │   ├── PasswordLinkUsed          also by a newer password
    │   ├── EmailChangeUnknown
    │   ├── EmailChangeExpired
    │   ├── EmailChangeUsed           it is confirmed
    │   ├── EmailChangeStopped        by the owner of the old address, or by a newer one
    │   ├── MailLinkUnknown
    │   ├── MailLinkExpired
    │   ├── MailLinkRevoked
    │   ├── RegistrationUnknown
    │   ├── RegistrationExpired
    │   ├── RegistrationUsed          there is the account
    │   ├── UserNameTaken             by somebody who was faster
    │   └── EmailTaken                the address has got another account meanwhile
    ├── UploadUnknown                 a statement that waits to be imported
    ├── VoucherBatchUnknown
    ├── OperatorRefused               name, password and code do not belong together
    ├── OperatorNotAllowed            the operator's role does not reach that far
    ├── OperatorNotMade               the name is taken, or none
    ├── OperatorUnknown
    ├── SetupLinkRefused              by which an operator chooses password and second factor
    ├── TooManyAttempts               to be tried again after a while
    ├── SessionEnded                  there was a session; it is over
    ├── FormRefused                   a form that is not one of ours, or too old
    │   └── FormUnreadable            it has signs that no keyboard writes
    ├── RequestMalformed              the API cannot read the request
    ├── FormExpected                  the API takes a form at this address
    ├── GatewayRefused                its token is none, or not any more
    ├── GatewayUnknown                there is none of that name
    ├── GatewayUnreached              it was not told that access has changed
    ├── NoRelease                     no release feed has been laid down
    ├── ActionUnknown                 there is none of that number
    ├── ActionCannot                  be tried again: it has not been set aside
    ├── PayPalError
    │   ├── PayPalUnreachable         nothing is known; the same again is safe
    │   ├── PayPalRefused             PayPal's answer is no
    │   │   └── PayPalGone            there is no such thing at PayPal (any more)
    │   ├── PayPalAnswerStrange       the answer is not as PayPal's reference says
    │   ├── PayPalNotOffered          the operator has not set it up
    │   ├── PayPalBusy                another payment of the order is being made right now
    │   ├── PayPalEventUnknown        PayPal has told nothing under this id
    │   ├── PayPalEventCannot         it is dealt with already
    │   └── WebhookRefused            not from PayPal
    │       └── WebhookUncheckable    nobody can tell now: PayPal sends it again
    ├── DeclarationUnknown
    ├── DeclarationCannot             it is settled already
    ├── TermsUnknown                  no version of them that was ever used
    ├── LegalTextMissing              the operator has not laid it down
    ├── MailUnknown                   there is none of that number
    ├── MailCannot                    be sent (again) at the operator's word
    └── MailNotSent
        ├── MailDeferred              not taken now; it may be later
        ├── MailRejected              never will be
        └── MailUncertain             handed over, and no word whether it was taken

The reasons of `cloudmatic_link.errors` stand beside these: they say why a token is no good
whoever reads it; these say why it is no good here. Each class has a `reason` that never changes.
"""

from __future__ import annotations

from cloudmatic_portal.domain.errors.account import (
    AccountUnknown,
    EmailChangeExpired,
    EmailChangeStopped,
    EmailChangeUnknown,
    EmailChangeUsed,
    EmailTaken,
    FieldsUnfit,
    LoginRefused,
    MailLinkExpired,
    MailLinkRefused,
    MailLinkRevoked,
    MailLinkUnknown,
    PasswordLinkExpired,
    PasswordLinkUnknown,
    PasswordLinkUsed,
    PasswordUnfit,
    RegistrationExpired,
    RegistrationUnknown,
    RegistrationUsed,
    SecondFactorOff,
    SecondFactorOn,
    SecondFactorRefused,
    SecondStepEnded,
    TooManyAttempts,
    UserNameTaken,
)
from cloudmatic_portal.domain.errors.base import (
    FormExpected,
    FormRefused,
    FormUnreadable,
    LegalTextMissing,
    NoRelease,
    Overloaded,
    PortalError,
    RequestMalformed,
    SessionEnded,
)
from cloudmatic_portal.domain.errors.booking import (
    AccountMismatch,
    BookingRefused,
    CredentialsRefused,
    EnrolmentRefused,
    HubMismatch,
    KeyElsewhere,
    KindNotOffered,
    LinkReplayed,
    ProductNotSold,
    ProductUnknown,
    RevokedKey,
    TermNotOffered,
    UnknownKey,
)
from cloudmatic_portal.domain.errors.desk import UploadUnknown, VoucherBatchUnknown
from cloudmatic_portal.domain.errors.due import ActionCannot, ActionUnknown
from cloudmatic_portal.domain.errors.gateway import (
    GatewayRefused,
    GatewayUnknown,
    GatewayUnreached,
)
from cloudmatic_portal.domain.errors.invoice import (
    InvoiceDamaged,
    InvoiceUnknown,
    VatIdUnknown,
)
from cloudmatic_portal.domain.errors.law import DeclarationCannot, DeclarationUnknown, TermsUnknown
from cloudmatic_portal.domain.errors.mail import (
    MailCannot,
    MailDeferred,
    MailNotSent,
    MailRejected,
    MailUncertain,
    MailUnknown,
)
from cloudmatic_portal.domain.errors.operator import (
    OperatorNotAllowed,
    OperatorNotMade,
    OperatorRefused,
    OperatorUnknown,
    SetupLinkRefused,
)
from cloudmatic_portal.domain.errors.order import (
    BalanceChanged,
    BalanceNotAsSeen,
    BalanceTooSmall,
    CartChanged,
    CartNotBuyable,
    CheckoutRefused,
    MethodNotOffered,
    OrderCannot,
    OrderUnknown,
    PaymentBookedBefore,
    PaymentUnknown,
    PriceInThePast,
    QuoteChanged,
    SubscriptionCannot,
    SubscriptionUnknown,
    TakenBackBeyond,
    TermsChanged,
    TermTooLong,
    VoucherExpired,
    VoucherFitsNothing,
    VoucherForAnotherAccount,
    VoucherNotCombinable,
    VoucherNotMade,
    VoucherNotYetValid,
    VoucherRefused,
    VoucherUnknown,
    VoucherUsedBefore,
    VoucherUsedUp,
)
from cloudmatic_portal.domain.errors.pairing import (
    HubUnknown,
    PairingCodeUnknown,
    PairingError,
    PairingExpired,
    PairingForAnotherAccount,
    PairingPending,
    PairingRefused,
    PairingTooFast,
)
from cloudmatic_portal.domain.errors.paypal import (
    PayPalAnswerStrange,
    PayPalBusy,
    PayPalError,
    PayPalEventCannot,
    PayPalEventUnknown,
    PayPalGone,
    PayPalNotOffered,
    PayPalRefused,
    PayPalUnreachable,
    WebhookRefused,
    WebhookUncheckable,
)
from cloudmatic_portal.domain.errors.statement import (
    BankLineCannot,
    BankLineUnknown,
    SharesDoNotAddUp,
    SharesInAnotherCurrency,
    SharesUnfit,
    StatementForeign,
    StatementRefused,
    StatementUnreadable,
)

__all__ = [
    "AccountMismatch",
    "AccountUnknown",
    "ActionCannot",
    "ActionUnknown",
    "BalanceChanged",
    "BalanceNotAsSeen",
    "BalanceTooSmall",
    "BankLineCannot",
    "BankLineUnknown",
    "BookingRefused",
    "CartChanged",
    "CartNotBuyable",
    "CheckoutRefused",
    "CredentialsRefused",
    "DeclarationCannot",
    "DeclarationUnknown",
    "EmailChangeExpired",
    "EmailChangeStopped",
    "EmailChangeUnknown",
    "EmailChangeUsed",
    "EmailTaken",
    "EnrolmentRefused",
    "FieldsUnfit",
    "FormExpected",
    "FormRefused",
    "FormUnreadable",
    "GatewayRefused",
    "GatewayUnknown",
    "GatewayUnreached",
    "HubMismatch",
    "HubUnknown",
    "InvoiceDamaged",
    "InvoiceUnknown",
    "KeyElsewhere",
    "KindNotOffered",
    "LegalTextMissing",
    "LinkReplayed",
    "LoginRefused",
    "MailCannot",
    "MailDeferred",
    "MailLinkExpired",
    "MailLinkRefused",
    "MailLinkRevoked",
    "MailLinkUnknown",
    "MailNotSent",
    "MailRejected",
    "MailUncertain",
    "MailUnknown",
    "MethodNotOffered",
    "NoRelease",
    "OperatorNotAllowed",
    "OperatorNotMade",
    "OperatorRefused",
    "OperatorUnknown",
    "OrderCannot",
    "OrderUnknown",
    "Overloaded",
    "PairingCodeUnknown",
    "PairingError",
    "PairingExpired",
    "PairingForAnotherAccount",
    "PairingPending",
    "PairingRefused",
    "PairingTooFast",
    "PasswordLinkExpired",
    "PasswordLinkUnknown",
    "PasswordLinkUsed",
    "PasswordUnfit",
    "PayPalAnswerStrange",
    "PayPalBusy",
    "PayPalError",
    "PayPalEventCannot",
    "PayPalEventUnknown",
    "PayPalGone",
    "PayPalNotOffered",
    "PayPalRefused",
    "PayPalUnreachable",
    "PaymentBookedBefore",
    "PaymentUnknown",
    "PortalError",
    "PriceInThePast",
    "ProductNotSold",
    "ProductUnknown",
    "QuoteChanged",
    "RegistrationExpired",
    "RegistrationUnknown",
    "RegistrationUsed",
    "RequestMalformed",
    "RevokedKey",
    "SecondFactorOff",
    "SecondFactorOn",
    "SecondFactorRefused",
    "SecondStepEnded",
    "SessionEnded",
    "SetupLinkRefused",
    "SharesDoNotAddUp",
    "SharesInAnotherCurrency",
    "SharesUnfit",
    "StatementForeign",
    "StatementRefused",
    "StatementUnreadable",
    "SubscriptionCannot",
    "SubscriptionUnknown",
    "TakenBackBeyond",
    "TermNotOffered",
    "TermTooLong",
    "TermsChanged",
    "TermsUnknown",
    "TooManyAttempts",
    "UnknownKey",
    "UploadUnknown",
    "UserNameTaken",
    "VatIdUnknown",
    "VoucherBatchUnknown",
    "VoucherExpired",
    "VoucherFitsNothing",
    "VoucherForAnotherAccount",
    "VoucherNotCombinable",
    "VoucherNotMade",
    "VoucherNotYetValid",
    "VoucherRefused",
    "VoucherUnknown",
    "VoucherUsedBefore",
    "VoucherUsedUp",
    "WebhookRefused",
    "WebhookUncheckable",
]
