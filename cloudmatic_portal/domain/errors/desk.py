"""What an operator asks for that is not there, or cannot be done."""

from __future__ import annotations

from cloudmatic_portal.domain.errors.base import PortalError


class UploadUnknown(PortalError):
    """It was imported, has been forgotten, or is somebody else's."""

    reason = "upload-unknown"


class VoucherBatchUnknown(PortalError):
    """No batch of vouchers has this number."""

    reason = "voucher-batch-unknown"

    def __init__(self, batch_id: int) -> None:
        super().__init__(str(batch_id))
        self.batch_id = batch_id
