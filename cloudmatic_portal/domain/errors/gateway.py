"""Why a gateway is refused, or was not reached."""

from __future__ import annotations

from cloudmatic_portal.domain.errors.base import PortalError


class GatewayRefused(PortalError):
    """Its token is missing, wrong, or of one that was removed."""

    reason = "gateway-refused"


class GatewayUnknown(PortalError):
    reason = "gateway-unknown"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class GatewayUnreached(PortalError):
    """What we told did not arrive for certain; `detail` says why."""

    reason = "gateway-unreached"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
