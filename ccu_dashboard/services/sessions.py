"""Who is behind a request: the logic engine's word, kept for a few seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ccu_dashboard.clients.logic_engine import LogicEngine
from ccu_dashboard.domain.errors import SessionRequired
from ccu_dashboard.domain.session import MalformedSid, Sid, User

KEEP_SECONDS: Final = 3.0
"""So long a logout may go unnoticed; the engine need not be asked for each picture of a page."""

_MOST_KEPT: Final = 32


class Sessions:
    """Looks sessions up in `engine`; `elapsed` is a clock in seconds that is never set back."""

    def __init__(self, engine: LogicEngine, elapsed: Callable[[], float]) -> None:
        self._engine = engine
        self._elapsed = elapsed
        self._kept: dict[Sid, tuple[float, User]] = {}

    async def identify(self, text: str) -> tuple[Sid, User]:
        """Return the session and user of a `sid` as it came in.

        Raises SessionRequired, EngineUnavailable.
        """
        try:
            sid = Sid.parse(text)
        except MalformedSid as error:
            raise SessionRequired from error
        now = self._elapsed()
        asked_at, user = self._kept.get(sid, (0.0, None))
        if user is not None and now - asked_at < KEEP_SECONDS:
            return sid, user
        user = await self._engine.user_of(sid)
        if user is None:
            self._kept.pop(sid, None)
            raise SessionRequired
        self._keep(sid, now, user)
        return sid, user

    def _keep(self, sid: Sid, now: float, user: User) -> None:
        fresh = {each: kept for each, kept in self._kept.items() if now - kept[0] < KEEP_SECONDS}
        self._kept = fresh if len(fresh) < _MOST_KEPT else {}
        self._kept[sid] = (now, user)
