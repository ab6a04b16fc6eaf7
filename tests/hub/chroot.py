"""A hub in a chroot of its own: its file system at /, its processes, and a power switch.

Inside are busybox, tclsh, lighttpd and their libraries, nothing else of this machine; they may be
those of another processor (processor.py). Processes live in a PID namespace, so that a power cut
kills every one of them at the same instant. What had not reached the card is not lost with them, as
it would be on a hub: that part is the scripts' `sync`, which no test here can prove.
"""

from __future__ import annotations

import os
import platform
import re
import select
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from tests.hub import programs
from tests.hub.listing import listing
from tests.hub.processor import Processor, processor
from tests.simulated_ccu.account_files import Case, account_files
from tests.simulated_ccu.file_system import Product, SimulatedFileSystem, lay
from tests.simulated_ccu.host_programs import host_program
from tests.simulated_ccu.lighttpd_config import LighttpdSettings, configuration

# An emulated hub on a busy machine takes some.
_PATIENCE_SECONDS = 60.0
_VERSION = re.compile(r"dashboard\.css\?v=([^\"]+)\"")
_ENVIRONMENT = {"PATH": "/bin:/usr/sbin:/usr/bin", "HOME": "/root", "LC_ALL": "C", "CCU_ROOT": ""}
_TMPFS = ("var/run", "var/log", "var/tmp", "var/etc", "tmp")


def _unshare() -> str:
    return host_program("unshare", "util-linux")


def _nsenter() -> str:
    return host_program("nsenter", "util-linux")


def _with_us() -> list[str]:
    """Whatever ends the tests, a killed one too, switches the hub off."""
    return [host_program("setpriv", "util-linux"), "--pdeathsig", "KILL"]


def unavailable() -> str | None:
    """Why there can be no such hub on this machine; None if there can."""
    if os.geteuid() != 0:
        return "needs root (chroot and namespaces)"
    probe = subprocess.run(
        [_unshare(), "-m", "-p", "-f", "true"], capture_output=True, text=True, check=False
    )
    return None if probe.returncode == 0 else f"needs namespaces: {probe.stderr.strip()}"


@dataclass
class ChrootHub:
    """`root` is the hub's file system. Use `power_on` first, `close` in the end."""

    root: Path
    port: int
    engine_port: int
    product: Product = "OpenCCU"
    includes_snippets: bool = True
    usr_local_size: str | None = None
    processor: str = platform.machine()
    fs: SimulatedFileSystem = field(init=False)
    _foreign: Processor | None = None
    _mounts: subprocess.Popen[bytes] | None = None
    _machine: subprocess.Popen[bytes] | None = None
    _first_process: int | None = None

    def __post_init__(self) -> None:
        self.fs = lay(
            self.root, account_files(Case.LINKED, date(2026, 11, 23)), product=self.product
        )
        self.root = self.fs.root
        self._foreign = processor(self.processor)
        self._put_programs()
        self._write_configuration()
        self._mounts = subprocess.Popen(
            [*_with_us(), _unshare(), "-m", "sh", "-c", self._hold_mounts()]
        )
        self._wait_for(self.root / "held")
        (self.root / "held").unlink()

    def _put_programs(self) -> None:
        for name in ("proc", "dev"):
            (self.root / name).mkdir(exist_ok=True)
        if self._foreign is None:
            programs.put_this_machines(self.root)
        else:
            programs.put_those_of(self.processor, self.root)

    def _write_configuration(self) -> None:
        settings = LighttpdSettings(
            root=Path("/"),
            host="127.0.0.1",
            port=self.port,
            engine_host="127.0.0.1",
            engine_port=self.engine_port,
            includes_snippets=self.includes_snippets,
        )
        for name, text in configuration(settings).items():
            path = self.root / "etc/lighttpd" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")

    def _hold_mounts(self) -> str:
        # A mount of its own, so that `df` inside finds a file system for /.
        commands = [
            "set -e",
            "mount --make-rprivate /",
            f"mount --bind '{self.root}' '{self.root}'",
        ]
        if self.usr_local_size is not None:
            local = f"'{self.root}/usr/local'"
            commands += [
                f"cp -a {local} '{self.root}/usr/kept'",
                f"mount -t tmpfs -o size={self.usr_local_size},mode=755 none {local}",
                f"cp -a '{self.root}/usr/kept/.' {local}/",
                f"rm -rf '{self.root}/usr/kept'",
            ]
        return "; ".join([*commands, f": >'{self.root}/held'", "exec sleep infinity"])

    # Power.

    def power_on(self, *, boot: bool = True) -> None:
        """Start the machine; with `boot`, the web server and the add-ons too."""
        assert self._machine is None
        for name in _TMPFS:
            shutil.rmtree(self.root / name, ignore_errors=True)
            (self.root / name).mkdir(parents=True)
        (self.root / "var/etc/engine_url").write_text(f"http://127.0.0.1:{self.engine_port}\n")
        assert self._mounts is not None
        dev = "".join(
            f"touch '{self.root}/dev/{name}'; mount --bind /dev/{name} '{self.root}/dev/{name}';"
            for name in ("null", "zero", "urandom")
        )
        proc = f"mount -t proc proc '{self.root}/proc'; : >'{self.root}/tmp/on';"
        # A shell as first process: it reaps what its children leave behind, as init does.
        idle = "while :; do sleep 1000; done"
        self._machine = subprocess.Popen(
            [*_with_us(), _nsenter(), "-t", str(self._mounts.pid), "-m",
             "unshare", "-m", "-p", "-f",
             "--kill-child", "sh", "-c",
             f"set -e; {dev} {proc} exec {' '.join(self._as_the_hub())} /bin/sh -c '{idle}'"],
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        self._wait_for(self.root / "tmp/on")
        # Held from now on: a hub switched on in a thread dies with the thread, before its cut.
        self._first_process = os.pidfd_open(self.machine)
        time.sleep(0.05)
        if boot:
            self.run("/usr/sbin/lighttpd", "-f", "/etc/lighttpd/lighttpd.conf", check=True)
            self.run("/etc/init.d/rcS", "start", check=True)

    def power_cut(self) -> None:
        """Every process of the hub dies now."""
        if self._machine is not None:
            self._machine.kill()
            self._machine.wait()
            self._machine = None
        if self._first_process is not None:
            # Readable when the first process has ended as a whole, and so has each that it had.
            ready, _, _ = select.select([self._first_process], [], [], _PATIENCE_SECONDS)
            os.close(self._first_process)
            self._first_process = None
            assert ready, "the hub's first process does not end"

    def close(self) -> None:
        self.power_cut()
        if self._mounts is not None:
            self._mounts.kill()
            self._mounts.wait()
        if self._foreign is not None:
            self._foreign.close()

    # Inside.

    @property
    def inside(self) -> Path:
        """The hub's file system with everything that is mounted in it."""
        assert self._mounts is not None
        return Path(f"/proc/{self._mounts.pid}/root{self.root}")

    @property
    def mounts(self) -> int:
        """A process that sees the hub's mounts, as they outlast a power cut."""
        assert self._mounts is not None
        return self._mounts.pid

    @property
    def machine(self) -> int:
        """The hub's first process, as this machine numbers it."""
        assert self._machine is not None
        children = Path(f"/proc/{self._machine.pid}/task/{self._machine.pid}/children")
        return int(children.read_text().split()[0])

    def _as_the_hub(self) -> list[str]:
        """Words before a command that give it the hub's processor and root folder."""
        entering = [] if self._foreign is None else [_nsenter(), self._foreign.entering()]
        return [*entering, "chroot", str(self.root)]

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start one of the hub's programs and do not wait."""
        return subprocess.Popen(
            [_nsenter(), "-t", str(self.machine), "-m", "-p", *self._as_the_hub(), *command],
            env=_ENVIRONMENT | {"CLOUDMATIC_ENGINE_URL": f"http://127.0.0.1:{self.engine_port}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )  # fmt: skip

    def run(self, *command: str, check: bool = False) -> subprocess.CompletedProcess[str]:
        process = self.start(*command)
        output, _ = process.communicate(timeout=120)
        if check:
            assert process.returncode == 0, f"{command}: {output}"
        return subprocess.CompletedProcess(command, process.returncode, output, "")

    # What an installer does.

    def upload(self, archive: Path) -> None:
        shutil.copyfile(archive, self.inside / "usr/local/tmp/new_addon.tar.gz")

    def install(self, archive: Path) -> int:
        self.upload(archive)
        return self.run("/bin/install_addon").returncode

    # What somebody sees.

    def webui_stands(self) -> bool:
        return self._get("/webui/webui.css")[0] == 200

    def version_shown(self, address: str = "/addons/cloudmatic/") -> str | None:
        """The version whose service answers at `address`; None if none does in time."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            _, body = self._get(address)
            found = _VERSION.search(body)
            # The page shown while the service starts has no version.
            if found:
                return found[1]
            time.sleep(0.05)
        return None

    def _get(self, path: str) -> tuple[int, str]:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except HTTPError as error:
            with error:
                return error.code, error.read().decode("utf-8", "replace")
        except (URLError, OSError):
            return 0, ""

    def listing(self) -> dict[str, str]:
        """Every name on the hub -> kind, mode, owner, and what it holds."""
        return listing(self.inside)

    def _wait_for(self, path: Path) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not path.exists():
            assert time.monotonic() < deadline, f"{path} does not appear"
            time.sleep(0.01)
