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

VARIABLE: Final = "CloudMatic-Tage"
_INFO: Final = "Tage mit CloudMatic-Zugang (vom Add-on CloudMatic)"
"""The mark of what is ours: a variable with another description is somebody else's."""

_LIST: Final = "dom.GetObject(ID_SYSTEM_VARIABLES)"
_FIND: Final = f'object v = {_LIST}.Get("{VARIABLE}");'
# As the WebUI makes a variable of the kind "Zahl"; its other kinds of number are lists of words.
_CREATE: Final = (
    f'v = dom.CreateObject(OT_VARDP); v.Name("{VARIABLE}"); {_LIST}.Add(v.ID()); '
    f'v.DPInfo("{_INFO}"); v.ValueUnit("Tage"); v.ValueType(ivtFloat); '
    f"v.ValueSubType(istGeneric); v.ValueMin(-1); v.ValueMax(36500); v.Internal(false); "
    f"v.Visible(true); dom.RTUpdate(0);"
)
_DELETE: Final = f"{_LIST}.Remove(v.ID()); dom.DeleteObject(v.ID()); dom.RTUpdate(0);"


class LogicEngine:
    """Asks the logic engine at `url` who is behind a WebUI session, and keeps a system variable.

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
        text = await self._said(f'Write(system.GetSessionVarStr("{sid.core}"));')
        return _parse_user(text) if text else None

    async def tell_days(self, days: int) -> bool:
        """Let our system variable say `days`, and create it if need be.

        Returns False if somebody else's has its name, which is left alone then. Raises
        EngineUnavailable.
        """
        said = await self._said(
            f"{_FIND} if (!v) {{ {_CREATE} }} "
            f'if (v.DPInfo() == "{_INFO}") {{ v.State({int(days)}); Write("told"); }} '
            'else { Write("foreign"); }'
        )
        if said not in {"told", "foreign"}:
            raise EngineUnavailable("the system variable was not taken")
        return said == "told"

    async def remove_days(self) -> None:
        """Delete our system variable, if there is one. Raises EngineUnavailable."""
        said = await self._said(
            f'{_FIND} if (v) {{ if (v.DPInfo() == "{_INFO}") {{ {_DELETE} }} }} Write("done");'
        )
        if said != "done":
            raise EngineUnavailable("the system variable was not removed")

    async def _said(self, script: str) -> str:
        text, trailer, _ = (await self._run(script)).partition(_TRAILER)
        if not trailer:
            raise EngineUnavailable("answer without its XML part")
        return text

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
