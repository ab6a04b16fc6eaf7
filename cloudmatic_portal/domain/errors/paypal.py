"""What can go wrong with PayPal.

PayPalError
├── PayPalUnreachable         nothing is known; the same again is safe
├── PayPalRefused             PayPal's answer is no, with the reason (`issue`)
│   └── PayPalGone            there is no such thing at PayPal (any more)
├── PayPalAnswerStrange       the answer is not as the reference says
├── PayPalNotOffered          the operator has not set it up
├── PayPalBusy                another payment of the order is being made at this moment
├── PayPalEventUnknown        PayPal has told nothing under this id
├── PayPalEventCannot         it is dealt with already
└── WebhookRefused            not from PayPal, or nobody can tell
    └── WebhookUncheckable    nobody can tell now: PayPal may send it again
"""

from __future__ import annotations

from cloudmatic_portal.domain.errors.base import PortalError


class PayPalError(PortalError):
    reason = "paypal-failed"


class PayPalUnreachable(PayPalError):
    """`detail` is for the log; it holds no secret."""

    reason = "paypal-unreachable"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class PayPalRefused(PayPalError):
    """`issue` is PayPal's name of the reason, `debug_id` what its support asks for."""

    reason = "paypal-refused"

    def __init__(self, status: int, issue: str, debug_id: str = "") -> None:
        super().__init__(f"{status} {issue} (debug id {debug_id or 'none'})")
        self.status = status
        self.issue = issue
        self.debug_id = debug_id


class PayPalGone(PayPalRefused):
    reason = "paypal-gone"


class PayPalAnswerStrange(PayPalError):
    """`member` of the answer is missing or not as agreed."""

    reason = "paypal-answer-strange"

    def __init__(self, member: str) -> None:
        super().__init__(member)
        self.member = member


class PayPalNotOffered(PayPalError):
    reason = "paypal-not-offered"


class PayPalBusy(PayPalError):
    reason = "paypal-busy"


class PayPalEventUnknown(PayPalError):
    reason = "paypal-event-unknown"

    def __init__(self, event_id: str) -> None:
        super().__init__(event_id)
        self.event_id = event_id


class PayPalEventCannot(PayPalError):
    """The event is `state`: nobody needs to decide about it."""

    reason = "paypal-event-cannot"

    def __init__(self, event_id: str, state: str) -> None:
        super().__init__(f"{event_id} is {state}")
        self.event_id = event_id
        self.state = state


class WebhookRefused(PayPalError):
    """`check` names what was not as it should be."""

    reason = "webhook-refused"

    def __init__(self, check: str) -> None:
        super().__init__(check)
        self.check = check


class WebhookUncheckable(WebhookRefused):
    reason = "webhook-uncheckable"
