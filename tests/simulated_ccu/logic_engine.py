"""The logic engine (ReGaHss) and the WebUI's login over real HTTP.

Written from the transcripts in CCU_CONTRACT.md. The engine executes one script as it stands there,
`Write(system.GetSessionVarStr("..."));`, and what `engine_script.py` knows of system variables. Any
other one would be code execution in the real engine: it is kept in `foreign_scripts`, which tests
assert to be empty.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from aiohttp import web

from tests.simulated_ccu import engine_faults, engine_script
from tests.simulated_ccu.engine_sessions import DEMO_USERS, Sessions, TooManySessionsError, User

_PAGES = Path(__file__).parent / "engine_pages"
_KNOWN_SCRIPT = re.compile(r'Write\(system\.GetSessionVarStr\("([@A-Za-z0-9]*)"\)\);')
_VARIABLES = b"object v = dom.GetObject(ID_SYSTEM_VARIABLES)"
_LATIN = "iso-8859-1"
_MEBIBYTE = 1024 * 1024


class LogicEngine:
    """The engine as a server on `host`; `port=0` picks a free one at the first start."""

    def __init__(
        self, *, host: str = "127.0.0.1", port: int = 0, users: tuple[User, ...] = DEMO_USERS
    ) -> None:
        self.host = host
        self.port = port
        self.sessions = Sessions(users)
        self.lookups = 0
        """How many scripts of the known form were run, those of Systemsteuerung included."""
        self.foreign_scripts: list[bytes] = []
        self.dom = engine_script.Dom()
        self._fault: engine_faults.Fault = engine_faults.healthy
        self._released = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Base address, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    # Running.

    async def start(self) -> None:
        """Listen; OSError if the port is taken."""
        runner = web.AppRunner(self._make_app(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, self.host, self.port, reuse_address=True)
        try:
            await site.start()
        except OSError:
            await runner.cleanup()
            raise
        self.port = runner.addresses[0][1]
        self._runner = runner

    async def stop(self) -> None:
        """Close the port and all connections; sessions stay. Fine if not running."""
        self._released.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # For tests: sessions and faults.

    def login(self, user: str = "Admin") -> str:
        """A sid for the named user without HTTP; KeyError, TooManySessionsError."""
        return self.sessions.open_for(self.sessions.user_named(user))

    def expire(self, sid: str) -> None:
        """The engine forgets this session."""
        self.sessions.end(sid)

    def slow(self, seconds: float) -> None:
        """From now on answers come `seconds` late."""
        self._set_fault(engine_faults.slow(seconds))

    def rubbish(self, body: bytes = b"\x00\xff<xml") -> None:
        """From now on every answer is 200 with this body."""
        self._set_fault(engine_faults.rubbish(body))

    def no_http(self, data: bytes = b"\x15\x03\x01 rubbish") -> None:
        """From now on these bytes come instead of an HTTP response."""
        self._set_fault(engine_faults.no_http(data))

    def http_500(self) -> None:
        """From now on every answer is an internal server error."""
        self._set_fault(engine_faults.http_500)

    def hang(self) -> None:
        """From now on requests are taken and not answered until `recover`."""
        self._released = asyncio.Event()
        self._set_fault(engine_faults.hang(self._released))

    async def down(self) -> None:
        """Connections are refused until `recover`, which comes back on the same port."""
        await self.stop()

    async def recover(self) -> None:
        """End any fault."""
        self._set_fault(engine_faults.healthy)
        self._released.set()
        if self._runner is None:
            await self.start()

    def _set_fault(self, fault: engine_faults.Fault) -> None:
        self._fault = fault

    # Serving.

    def _make_app(self) -> web.Application:
        @web.middleware
        async def with_fault(
            request: web.Request, handler: engine_faults.Handler
        ) -> web.StreamResponse:
            return await self._fault(request, handler)

        app = web.Application(middlewares=[with_fault], client_max_size=16 * _MEBIBYTE)
        app.router.add_get("/", self._send_to_login)
        app.router.add_get("/login.htm", self._show_login)
        app.router.add_post("/login.htm", self._log_in)
        app.router.add_get("/logout.htm", self._log_out)
        app.router.add_get("/pages/index.htm", self._show_start_page)
        app.router.add_post("/rega.exe", self._run_script)
        return app

    async def _send_to_login(self, _request: web.Request) -> web.Response:
        return _redirect("/login.htm")

    async def _show_login(self, request: web.Request) -> web.Response:
        failed = "error" in request.query
        error = '<p class="error">Anmeldung fehlgeschlagen.</p>' if failed else ""
        return _page("login.htm", error=error)

    async def _log_in(self, request: web.Request) -> web.Response:
        # The form's page is ISO-8859-1, and so are the bytes a browser sends from it.
        body = (await request.read()).decode(_LATIN)
        form = parse_qs(body, encoding=_LATIN)
        name, password = (form.get(key, [""])[0] for key in ("tbUsername", "tbPassword"))
        user = self.sessions.user_with(name, password)
        if user is None:
            return _redirect("/login.htm?error=1")
        try:
            sid = self.sessions.open_for(user)
        except TooManySessionsError:
            return web.Response(status=503, text="Service Unavailable")
        return _redirect(f"/pages/index.htm?sid={sid}")

    async def _log_out(self, request: web.Request) -> web.Response:
        self.sessions.end(request.query.get("sid", ""))
        return _redirect("/login.htm")

    async def _show_start_page(self, request: web.Request) -> web.Response:
        sid = request.query.get("sid", "")
        user = self.sessions.user_of(sid)
        if user is None:
            return _redirect("/login.htm")
        return _page("index.htm", sid=sid, user=escape(user.name))

    async def _run_script(self, request: web.Request) -> web.Response:
        written = self._written_by(await request.read())
        agent = request.headers.get("User-Agent")
        shown_agent = f"User-Agent: {escape(agent, quote=False)}" if agent else ""
        trailer = (
            "<xml><exec>/rega.exe</exec><sessionId></sessionId>"
            f"<httpUserAgent>{shown_agent}</httpUserAgent></xml>"
        )
        return web.Response(
            body=(written + trailer).encode(_LATIN, "replace"),
            headers={"Content-Type": f"text/xml; charset={_LATIN}"},
        )

    def _written_by(self, script: bytes) -> str:
        """What the script writes; nothing for an unknown sid and for a script in error."""
        known = _KNOWN_SCRIPT.fullmatch(script.decode(_LATIN))
        if known is None:
            return self._run_on_variables(script)
        self.lookups += 1
        user = self.sessions.user_of_bare_sid(known[1])
        return user.as_session_text() if user else ""

    def _run_on_variables(self, script: bytes) -> str:
        with contextlib.suppress(engine_script.ScriptError):
            if script.startswith(_VARIABLES):
                return engine_script.run(script.decode(_LATIN), self.dom)
        self.foreign_scripts.append(script)
        return ""


def _redirect(location: str) -> web.Response:
    """302 with the location as it is: a sid's @ signs are not encoded."""
    return web.Response(status=302, headers={"Location": location})


def _page(name: str, **values: str) -> web.Response:
    text = Template((_PAGES / name).read_text(encoding="utf-8")).substitute(values)
    return web.Response(
        body=text.encode(_LATIN, "xmlcharrefreplace"),
        headers={"Content-Type": f"text/html; charset={_LATIN}"},
    )
