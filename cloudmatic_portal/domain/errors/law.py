"""Why a declaration is not shown or settled."""

from __future__ import annotations

from cloudmatic_portal.domain.errors.base import PortalError


class DeclarationUnknown(PortalError):
    """There is none of that number, or the receipt's link is no good (any more)."""

    reason = "declaration-unknown"

    def __init__(self, number: str = "") -> None:
        super().__init__(number)
        self.number = number


class TermsUnknown(PortalError):
    """No order was made under that version of the terms, and it is not the current one."""

    reason = "terms-unknown"

    def __init__(self, version: str) -> None:
        super().__init__(version)
        self.version = version


class DeclarationCannot(PortalError):
    """It is settled already, or nobody has looked at it yet."""

    reason = "declaration-cannot"

    def __init__(self, number: str, state: str) -> None:
        super().__init__(f"{number} is {state}")
        self.number = number
        self.state = state
