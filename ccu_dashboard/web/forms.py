"""Form tokens: a POST must come from a page that this service made for this session.

The origin cannot tell: lighttpd's `Referrer-Policy: no-referrer` makes every form's origin `null`.
"""

from __future__ import annotations

import hashlib
import hmac

from ccu_dashboard.domain.errors import FormStale
from ccu_dashboard.domain.session import Sid

FIELD = "form"


class FormTokens:
    """Makes and checks tokens with `secret`, which lives as long as the process."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def make(self, sid: Sid) -> str:
        return hmac.new(self._secret, sid.core.encode("ascii"), hashlib.sha256).hexdigest()

    def check(self, sid: Sid, token: str) -> None:
        """Raises FormStale unless `token` was made for this session by this process."""
        if not hmac.compare_digest(self.make(sid).encode(), token.encode("utf-8", "replace")):
            raise FormStale
