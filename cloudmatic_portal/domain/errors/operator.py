"""Why an operator is not let in, or not let do something."""

from __future__ import annotations

from cloudmatic_portal.domain.errors.base import PortalError


class OperatorRefused(PortalError):
    """Says nothing about which of name, password and code was wrong."""

    reason = "operator-refused"


class OperatorNotAllowed(PortalError):
    """The role does not reach that far."""

    reason = "operator-not-allowed"

    def __init__(self, role: str) -> None:
        super().__init__(role)
        self.role = role


class SetupLinkRefused(PortalError):
    """The link is used, expired, replaced, or none of ours."""

    reason = "setup-link-refused"


class OperatorNotMade(PortalError):
    reason = "operator-not-made"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name
        self.why = why


class OperatorUnknown(PortalError):
    reason = "operator-unknown"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
