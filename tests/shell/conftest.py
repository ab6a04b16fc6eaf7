"""A simulated hub and the add-on's unpacked archive, as the firmware's upload page has them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.factories import TODAY
from tests.simulated_ccu.account_files import Case, account_files
from tests.simulated_ccu.file_system import SimulatedFileSystem, lay
from tests.simulated_ccu.web_server import WebServer

REPOSITORY = Path(__file__).parents[2]


@dataclass
class Hub:
    """A hub's files and programs; of the web server there is only the configuration, and a process
    that stands for it.
    """

    fs: SimulatedFileSystem
    web: WebServer
    archive: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def rc_script(self) -> Path:
        return self.fs.rc_d / "cloudmatic"

    @property
    def program(self) -> Path:
        """The version that counts."""
        return self.fs.root / "usr/local/addons/cloudmatic/current"

    @property
    def pid_file(self) -> Path:
        return self.fs.var_run / "cloudmatic.pid"

    def run(self, script: Path, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a script of the add-on with the hub's own shell and programs."""
        return subprocess.run(
            [str(self.fs.bin / "sh"), str(script), *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def install(self, product: str = "HM-RASPBERRYMATIC") -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryDirectory(dir=self.fs.usr_local_tmp) as name:
            unpacked = Path(name) / "unpacked"
            shutil.copytree(self.archive, unpacked)
            return self.run(unpacked / "update_script", *([product] if product else []))

    def rc(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run(self.rc_script, *words)

    def button(
        self, word: str, url: str = "/addons/cloudmatic/"
    ) -> subprocess.CompletedProcess[str]:
        script = self.archive / "cloudmatic/addon/button.tcl"
        return subprocess.run(
            [str(self.fs.bin / "tclsh"), str(script), word, url],
            env=self.environment, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip

    def services(self) -> list[int]:
        """Process ids of this hub's dashboard service, told from others by its root."""
        mark = f"CCU_ROOT={self.fs.root}\0".encode()
        found: dict[int, int] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if b"serve" in words and mark in (folder / "environ").read_bytes():
                    found[int(folder.name)] = int(_stat(folder)[1])
            except OSError:
                continue
        # A child that is about to become another program looks like its parent for a moment.
        return [process for process, parent in found.items() if parent not in found]

    def wait_for_service(self) -> None:
        until(self._answers)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            path = self.fs.var_run / "cloudmatic/dashboard.sock"
            return probe.connect_ex(str(path)) == 0

    def kill_services(self) -> None:
        """End whatever this hub's scripts started: all that was born with its root."""
        mark = f"CCU_ROOT={self.fs.root}\0".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (folder / "environ").read_bytes():
                    os.kill(int(folder.name), signal.SIGKILL)

    def put_service(self, text: str) -> None:
        """Another program in the service's place."""
        program = self.program / "bin/ccu-dashboard"
        program.write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
        program.chmod(0o755)


def _stat(folder: Path) -> list[str]:
    """Fields of /proc/PID/stat behind the name: state, parent, ..."""
    return (folder / "stat").read_text().rpartition(")")[2].split()


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until `condition()` holds; an AssertionError if it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the add-on's archive holds, with this machine's interpreter."""
    folder = tmp_path_factory.mktemp("archive")
    subprocess.run(
        [str(REPOSITORY / "package.sh"), "layout", str(folder), sys.executable], check=True
    )
    return folder


@pytest.fixture(scope="session")
def laid(tmp_path_factory: pytest.TempPathFactory) -> SimulatedFileSystem:
    """A hub's file system, to be copied: laying one takes longer."""
    return lay(tmp_path_factory.mktemp("hub") / "ccu", account_files(Case.LINKED, TODAY))


@pytest.fixture
def hub(tmp_path: Path, archive: Path, laid: SimulatedFileSystem) -> Iterator[Hub]:
    """A hub with the vendor's and two other buttons; nothing of it runs on after the test."""
    subprocess.run(["/bin/cp", "-a", str(laid.root), str(tmp_path)], check=True)
    fs = SimulatedFileSystem(tmp_path / laid.root.name, laid.product)
    web = WebServer(fs, engine=("127.0.0.1", 1))
    web.write_configuration()
    hub = Hub(fs, web, archive)
    hub.environment = fs.environment() | {
        "CLOUDMATIC_SERVICE_UID": str(os.getuid()),
        "CLOUDMATIC_PORTAL": "http://127.0.0.1:1",
        "CLOUDMATIC_ENGINE_URL": "http://127.0.0.1:1",
    }
    server = subprocess.Popen(["/bin/sh", "-c", "trap '' USR1; exec sleep 1000"])
    (fs.var_run / "lighttpd.pid").write_text(f"{server.pid}\n")
    yield hub
    server.kill()
    server.wait()
    hub.kill_services()


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended and waits for its parent's question does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
