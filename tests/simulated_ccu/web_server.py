"""The hub's web server: a real lighttpd as a child of this process.

The child ends with the thread that started it (PR_SET_PDEATHSIG), so nothing is left running
after a crash or Ctrl-C. Start it from a thread that lives as long, such as the event loop's.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.simulated_ccu.certificate import self_signed_pem
from tests.simulated_ccu.file_system import SimulatedFileSystem, replace_atomically
from tests.simulated_ccu.host_programs import ProgramMissingError, host_program
from tests.simulated_ccu.lighttpd_config import LighttpdSettings, configuration

_PATIENCE = 10.0  # seconds for a start, a reload, a stop
_POLL = 0.01
_STARTED = b"server started"
_TLS_MODULE = Path("/usr/lib/lighttpd/mod_openssl.so")


class WebServerFailedError(RuntimeError):
    """lighttpd ended, or did not answer in time; the message is what it said."""


@dataclass(frozen=True)
class ConfigCheck:
    """Outcome of `lighttpd -tt`."""

    exit_code: int
    output: str

    @property
    def ok(self) -> bool:
        """True if lighttpd would start with this configuration."""
        return self.exit_code == 0


class WebServer:
    """lighttpd in front of the logic engine, for the tree `fs`.

    `port` and `https_port`: 0 picks a free one when the server is made; `https_port=None` is no
    HTTPS. `includes_snippets=False` is a CCU3 whose configuration lacks the include.
    """

    def __init__(
        self,
        fs: SimulatedFileSystem,
        *,
        engine: tuple[str, int],
        host: str = "127.0.0.1",
        port: int = 0,
        https_port: int | None = None,
        includes_snippets: bool = True,
    ) -> None:
        self.fs = fs
        self._settings = LighttpdSettings(
            root=fs.root,
            host=host,
            port=port or _free_port(host),
            engine_host=engine[0],
            engine_port=engine[1],
            https_port=_free_port(host) if https_port == 0 else https_port,
            includes_snippets=includes_snippets,
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        """Port of the WebUI."""
        return self._settings.port

    @property
    def url(self) -> str:
        """Address of the WebUI, without a slash at the end."""
        return f"http://{self._settings.host}:{self.port}"

    @property
    def https_url(self) -> str:
        """The same over HTTPS, with a certificate nobody trusts; ValueError if not asked for."""
        if self._settings.https_port is None:
            raise ValueError("this web server has no HTTPS port")
        return f"https://{self._settings.host}:{self._settings.https_port}"

    @property
    def certificate(self) -> Path:
        """`/etc/config/server.pem`, key and certificate."""
        return self.fs.etc_config / "server.pem"

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process else None

    def write_configuration(self) -> None:
        """Lay /etc/lighttpd, the certificate, and the engine's address for the CGI pages."""
        for name, text in configuration(self._settings).items():
            replace_atomically(self.fs.root / "etc/lighttpd" / name, text.encode())
        engine = f"http://{self._settings.engine_host}:{self._settings.engine_port}\n"
        replace_atomically(self.fs.engine_url_file, engine.encode())
        if self._settings.https_port is not None and not self.certificate.exists():
            replace_atomically(self.certificate, self_signed_pem(), mode=0o600)

    def install_snippet(self, name: str, text: str) -> Path:
        """Put an add-on's snippet, written for a real hub, into /etc/config/lighttpd.

        Quoted strings that begin with a hub's path (`"/var/run/…"`, `"/etc/config/…"`) get the
        root put before them; the same happens to files that an add-on's own script put there,
        at each `start`, `reload` and `check`. Takes effect with the next `reload`.
        """
        path = self.fs.snippets / name
        path.write_text(text, encoding="utf-8")
        self.adopt_snippets()
        return path

    def adopt_snippets(self) -> None:
        """Bring all snippets below this root; doing it again changes nothing."""
        script = self.fs.root / "usr/lib/simulated-ccu/adopt-snippets"
        subprocess.run([str(script)], check=True, capture_output=True)

    def check(self) -> ConfigCheck:
        """`lighttpd -tt` on the whole configuration."""
        self.write_configuration()
        finished = subprocess.run(
            [*self._command(), "-tt"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PATIENCE,
            check=False,
        )
        return ConfigCheck(finished.returncode, finished.stdout.decode(errors="replace"))

    async def start(self) -> None:
        """Start and wait until it answers; WebServerFailedError, ProgramMissingError."""
        self.write_configuration()
        self._spawn()
        await self._wait_until_started(times=1)

    async def reload(self) -> None:
        """Graceful, as `S50lighttpd reload`; a broken configuration ends the server."""
        if self._process is None:
            raise WebServerFailedError("not running")
        self.adopt_snippets()
        started = self._times_started()
        self._process.send_signal(signal.SIGUSR1)
        await self._wait_until_started(times=started + 1)

    async def stop(self) -> None:
        """End it; fine if not running."""
        process, self._process = self._process, None
        if process is None:
            return
        _signal_group(process, signal.SIGTERM)
        try:
            await asyncio.to_thread(process.wait, _PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        _signal_group(process, signal.SIGKILL)

    @property
    def _error_log(self) -> Path:
        return self.fs.var_log / "lighttpd-error.log"

    @property
    def _console(self) -> Path:
        return self.fs.var_log / "lighttpd-console.log"

    def _command(self) -> list[str]:
        return [str(self.fs.root / "usr/sbin/lighttpd"), "-f", str(self.fs.lighttpd_conf)]

    def _spawn(self) -> None:
        host_program("lighttpd", "lighttpd")
        setpriv = host_program("setpriv", "util-linux")
        if self._settings.https_port is not None and not https_is_available():
            raise ProgramMissingError("lighttpd's mod_openssl", "lighttpd-mod-openssl")
        self._error_log.unlink(missing_ok=True)
        with self._console.open("wb") as console:
            self._process = subprocess.Popen(
                [setpriv, "--pdeathsig", "TERM", *self._command(), "-D"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,  # Ctrl-C is for us; we then stop it in order
            )

    def _times_started(self) -> int:
        """lighttpd notes each start in its log, graceful restarts as well."""
        return self._error_log.read_bytes().count(_STARTED) if self._error_log.exists() else 0

    async def _wait_until_started(self, times: int) -> None:
        process = self._process
        try:
            async with asyncio.timeout(_PATIENCE):
                while self._times_started() < times:
                    if process is None or process.poll() is not None:
                        await self.stop()
                        raise WebServerFailedError(self._last_words())
                    await asyncio.sleep(_POLL)
        except TimeoutError:
            raise WebServerFailedError(f"no answer in time: {self._last_words()}") from None

    def _last_words(self) -> str:
        logs = (path for path in (self._console, self._error_log) if path.exists())
        return "".join(path.read_text(errors="replace") for path in logs)


def https_is_available() -> bool:
    """Debian packs lighttpd's TLS module on its own (lighttpd-mod-openssl)."""
    return _TLS_MODULE.exists()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """To the server and what a graceful reload left behind to finish old connections."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
