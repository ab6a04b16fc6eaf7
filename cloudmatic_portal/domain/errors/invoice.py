"""Why an invoice is not shown."""

from __future__ import annotations

from cloudmatic_portal.domain.errors.base import PortalError


class InvoiceUnknown(PortalError):
    reason = "invoice-unknown"

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class InvoiceDamaged(PortalError):
    """Its document is not the one that was issued: somebody has reached into the database."""

    reason = "invoice-damaged"

    def __init__(self, invoice_id: int) -> None:
        super().__init__(invoice_id)
        self.invoice_id = invoice_id


class VatIdUnknown(PortalError):
    """The account has entered another VAT number, or none."""

    reason = "vat-id-unknown"

    def __init__(self, account_id: int, vat_id: str) -> None:
        super().__init__(f"account {account_id} has not entered {vat_id}")
        self.account_id = account_id
        self.vat_id = vat_id
