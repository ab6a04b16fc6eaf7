"""The only place that builds a script for the logic engine. It takes a Sid, never a str."""

from __future__ import annotations

from types import TracebackType
from typing import Final, Self

import aiohttp

from ccu_dashboard.domain.errors import EngineUnavailable
from ccu_dashboard.domain.session import Level, Sid, User

_TIMEOUT: Final = aiohttp.ClientTimeout(total=5, connect=2)
_MAX_ANSWER: Final = 16 * 1024
_TRAILER: Final = "<xml>"


class LogicEngine:
    """Asks the logic engine at `url` who is behind a WebUI session.

    Transcript: CCU_CONTRACT, "Sessions and the logic engine".
    """

    def __init__(self, url: str) -> None:
        self._address = f"{url}/rega.exe"
        # The engine has 24 workers for the whole house; an idle connection would hold one.
        self._connector = aiohttp.TCPConnector(force_close=True, limit=4)
        self._http = aiohttp.ClientSession(connector=self._connector, timeout=_TIMEOUT)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.close()

    async def user_of(self, sid: Sid) -> User | None:
        """Return the user of the session `sid`, None if the engine knows no such session.

        Raises EngineUnavailable.
        """
        answer = await self._run(f'Write(system.GetSessionVarStr("{sid.core}"));')
        text, trailer, _ = answer.partition(_TRAILER)
        if not trailer:
            raise EngineUnavailable("answer without its XML part")
        return _parse_user(text) if text else None

    async def _run(self, script: str) -> str:
        try:
            async with self._http.post(
                self._address, data=script.encode("ascii"), allow_redirects=False
            ) as response:
                if response.status != 200:
                    raise EngineUnavailable(f"HTTP {response.status}")
                content = await _read(response.content)
        # ValueError: aiohttp's parser for an answer that is no HTTP in some of its forms.
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise EngineUnavailable(type(error).__name__) from error
        return content.decode("iso-8859-1")


async def _read(stream: aiohttp.StreamReader) -> bytes:
    """Read to the end; `stream.read(n)` would be content with the part that has come by now."""
    content = b""
    async for part in stream.iter_any():
        content += part
        if len(content) > _MAX_ANSWER:
            raise EngineUnavailable("answer too long")
    return content


def _parse_user(text: str) -> User:
    """Read `1004;8;Admin;first;last;`: user id; level; user name; first; last name."""
    fields = text.split(";")
    try:
        return User(name=fields[2], level=Level(int(fields[1])))
    except (IndexError, ValueError) as error:
        raise EngineUnavailable("answer is no user") from error
