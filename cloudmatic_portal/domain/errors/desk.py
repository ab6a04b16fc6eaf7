"""What an operator asks for that is not there, or cannot be done."""

from __future__ import annotations

from cloudmatic_portal.domain.errors.base import PortalError


class DueUnknown(PortalError):
    reason = "due-unknown"

    def __init__(self, due_id: int) -> None:
        super().__init__(str(due_id))
        self.due_id = due_id


class DueCannot(PortalError):
    """The action is `state`: only one that was set aside is done again."""

    reason = "due-cannot"

    def __init__(self, due_id: int, state: str) -> None:
        super().__init__(f"{due_id} is {state}")
        self.due_id = due_id
        self.state = state


class UploadUnknown(PortalError):
    """It was imported, has been forgotten, or is somebody else's."""

    reason = "upload-unknown"
