"""What an operator asks for that is not there, or cannot be done."""

from __future__ import annotations

from cloudmatic_portal.domain.errors.base import PortalError


class UploadUnknown(PortalError):
    """It was imported, has been forgotten, or is somebody else's."""

    reason = "upload-unknown"
