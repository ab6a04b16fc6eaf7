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
    ├── InvoiceUnknown                or somebody else's
    ├── InvoiceDamaged                its document is not the one that was issued
    ├── VatIdUnknown                  the account has entered another one, or none
    ├── FieldsUnfit                   a form whose fields will not do, each for its own reason
    │   └── PasswordUnfit             not a password that will do
    ├── MailLinkRefused               a link from a mail, that does not do (any more)
    │   ├── PasswordLinkUnknown
    │   ├── PasswordLinkExpired
    │   ├── PasswordLinkUsed          also by a newer password
    │   ├── MailLinkUnknown
    │   ├── MailLinkExpired
    │   ├── MailLinkRevoked
    │   ├── RegistrationUnknown
    │   ├── RegistrationExpired
    │   ├── RegistrationUsed          there is the account
    │   ├── UserNameTaken             by somebody who was faster
    │   └── EmailTaken                the address has got another account meanwhile
    ├── TooManyAttempts               to be tried again after a while
    ├── SessionEnded                  there was a session; it is over
    ├── FormRefused                   a form that is not one of ours, or too old
    │   └── FormUnreadable            it has signs that no keyboard writes
    ├── RequestMalformed              the API cannot read the request
    ├── NoRelease                     no release feed has been laid down
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
    TooManyAttempts,
    UserNameTaken,
)
from cloudmatic_portal.domain.errors.base import (
    FormRefused,
    FormUnreadable,
    NoRelease,
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
from cloudmatic_portal.domain.errors.invoice import (
    InvoiceDamaged,
    InvoiceUnknown,
    VatIdUnknown,
)
from cloudmatic_portal.domain.errors.mail import (
    MailCannot,
    MailDeferred,
    MailNotSent,
    MailRejected,
    MailUncertain,
    MailUnknown,
)
from cloudmatic_portal.domain.errors.order import (
    CartChanged,
    CartNotBuyable,
    CheckoutRefused,
    MethodNotOffered,
    OrderCannot,
    OrderUnknown,
    PaymentBookedBefore,
    QuoteChanged,
    SubscriptionCannot,
    SubscriptionUnknown,
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

__all__ = [
    "AccountMismatch",
    "BookingRefused",
    "CartChanged",
    "CartNotBuyable",
    "CheckoutRefused",
    "CredentialsRefused",
    "EmailTaken",
    "EnrolmentRefused",
    "FieldsUnfit",
    "FormRefused",
    "FormUnreadable",
    "HubMismatch",
    "InvoiceDamaged",
    "InvoiceUnknown",
    "KeyElsewhere",
    "KindNotOffered",
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
    "OrderCannot",
    "OrderUnknown",
    "PasswordLinkExpired",
    "PasswordLinkUnknown",
    "PasswordLinkUsed",
    "PasswordUnfit",
    "PaymentBookedBefore",
    "PortalError",
    "ProductNotSold",
    "ProductUnknown",
    "QuoteChanged",
    "RegistrationExpired",
    "RegistrationUnknown",
    "RegistrationUsed",
    "RequestMalformed",
    "RevokedKey",
    "SessionEnded",
    "SubscriptionCannot",
    "SubscriptionUnknown",
    "TermNotOffered",
    "TooManyAttempts",
    "UnknownKey",
    "UserNameTaken",
    "VatIdUnknown",
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
]
