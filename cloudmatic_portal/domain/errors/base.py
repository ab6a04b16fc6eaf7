"""The base of all refusals, and those that any request can meet."""

from __future__ import annotations

from typing import ClassVar


class PortalError(Exception):
    """Base of everything that the portal refuses."""

    reason: ClassVar[str] = "refused"


class Overloaded(PortalError):
    """So many wait already that one more would only make all of them wait longer."""

    reason = "overloaded"


class SessionEnded(PortalError):
    reason = "session-ended"


class FormRefused(PortalError):
    """`check` names what was not as in a form of ours: origin, token, size, fields."""

    reason = "form-refused"

    def __init__(self, check: str) -> None:
        super().__init__(check)
        self.check = check


class FormUnreadable(FormRefused):
    """A field has signs that no keyboard writes."""

    reason = "form-unreadable"


class RequestMalformed(PortalError):
    """`member` of the request's JSON, or the document itself, is not as agreed."""

    reason = "malformed-request"

    def __init__(self, member: str) -> None:
        super().__init__(member)
        self.member = member


class FormExpected(PortalError):
    """What was sent to this address of the API is no form by its own word."""

    reason = "not-a-form"


class NoRelease(PortalError):
    reason = "no-release"


class LegalTextMissing(PortalError):
    """The operator has not laid down the text `name`."""

    reason = "legal-text-missing"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
