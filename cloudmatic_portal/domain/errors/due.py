"""Why an action that a clock triggers is not done again."""

from __future__ import annotations

from cloudmatic_portal.domain.errors.base import PortalError


class ActionUnknown(PortalError):
    """No action has that number."""

    reason = "action-unknown"

    def __init__(self, due_id: int) -> None:
        super().__init__(str(due_id))
        self.due_id = due_id


class ActionCannot(PortalError):
    """The action is not to be tried again, because of `why`."""

    reason = "action-cannot"

    def __init__(self, due_id: int, why: str) -> None:
        super().__init__(f"{due_id}: {why}")
        self.due_id = due_id
        self.why = why
