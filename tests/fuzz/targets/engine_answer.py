"""What the hub's logic engine answers (ccu_dashboard/clients/logic_engine.py)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from ccu_dashboard.clients.logic_engine import LogicEngine
from ccu_dashboard.domain.errors import EngineUnavailable
from ccu_dashboard.domain.session import Level, Sid
from tests.fuzz.parts import finish

PROMISE = "any answer is a user, nobody, done, or EngineUnavailable"

_SID = Sid.parse("@0123456789@")


class _Answering(LogicEngine):
    """An engine that says what the fuzzer wants, at once."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    async def _run(self, script: str) -> str:  # noqa: ARG002
        return self._answer.decode("iso-8859-1")


def check(data: bytes) -> None:
    engine = _Answering(data)
    with contextlib.suppress(EngineUnavailable):
        user = finish(engine.user_of(_SID))
        assert user is None or isinstance(user.level, Level)
    with contextlib.suppress(EngineUnavailable):
        assert finish(engine.tell_days(3)) in {True, False}
    with contextlib.suppress(EngineUnavailable):
        finish(engine.remove_days())


def seeds() -> Iterable[bytes]:
    trailer = b"<xml><exec>/rega.exe</exec><sessionId></sessionId></xml>"
    for answer in (
        b"1004;8;Admin;first;last;",
        b"",
        b"told",
        b"foreign",
        b"done",
        b"1;99;x;",
        b";",
    ):
        yield answer + trailer
    yield b"1004;\xb2;Admin;" + trailer
    yield b"1004;8;Admin;"
