"""An archive unpacked as the firmware does it, and its programs started, in an emulator if need be.

The emulator takes the loader's place: a launcher of the archive starts "its" loader, and gets the
emulator with the real one. So the launchers themselves run as they are, and so do the processes
that a program of the archive starts, without anything registered in this machine's kernel.
"""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ccu_tarball.architectures import ARCHITECTURES, Architecture

_EMULATORS: Final = {
    "armv7l": "qemu-arm-static",
    "aarch64": "qemu-aarch64-static",
    "x86_64": "qemu-x86_64-static",
}
PATIENCE_SECONDS: Final = 60.0
NO_PORTAL: Final = {"CLOUDMATIC_PORTAL": "http://localhost:9"}
REQUEST: Final = b"GET /addons/cloudmatic/ HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Service:
    """A service that answers on the Unix socket at `place`, `seconds` after its start."""

    place: Path
    pid: int
    seconds: float


def emulator(name: str) -> Path | None:
    """Return the emulator that this machine needs for programs of architecture `name`."""
    if name == platform.machine():
        return None
    found = shutil.which(_EMULATORS[name])
    assert found, f"{_EMULATORS[name]} is missing: apt-get install qemu-user-static"
    return Path(found)


@dataclass(frozen=True)
class Unpacked:
    """The archive of one architecture, unpacked at `folder`."""

    folder: Path
    architecture: Architecture

    @property
    def tree(self) -> Path:
        return self.folder / "cloudmatic"

    @property
    def lib(self) -> Path:
        return self.tree / "lib"

    def run(
        self, *words: str, program: str = "bin/ccu-dashboard", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of the tree with an environment as bare as the firmware's."""
        return run([str(self.tree / program), *words], self._environment(environment))

    def python(self, script: str, **environment: str) -> str:
        """Run a script by the carried Python; it has to succeed."""
        done = self.run("-c", script, program="bin/python", **environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextlib.contextmanager
    def serving(self, root: Path, *, quiet: bool = False) -> Iterator[Service]:
        """Run the service on the hub at `root`; given once it answers."""
        command = [str(self.tree / "bin/ccu-dashboard"), "serve"]
        environment = self._environment({"CCU_ROOT": str(root)})
        place = root / "var/run/cloudmatic/dashboard.sock"
        with serving(command, environment, place, quiet=quiet) as service:
            yield service

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        return {"PATH": os.defpath, **NO_PORTAL, **more}


def unpack(archive: Path, folder: Path, architecture: str) -> Unpacked:
    """Unpack as OpenCCU's install script does, and put the emulator in if one is needed."""
    folder.mkdir(parents=True)
    command = ["tar", "--no-same-owner", "--no-same-permissions", "-xf", str(archive.resolve())]
    subprocess.run(command, cwd=folder, check=True, umask=0o022)
    unpacked = Unpacked(folder, ARCHITECTURES[architecture])
    if (program := emulator(architecture)) is not None:
        emulate(unpacked, str(program))
    return unpacked


def emulate(unpacked: Unpacked, emulator_there: str) -> None:
    """Let the emulator, as its path is for the tree's programs, start the real loader."""
    loader = unpacked.lib / unpacked.architecture.loader
    real = loader.with_name(f"real-{loader.name}")
    if not real.exists():
        loader.rename(real)
    loader.write_text(
        f'#!/bin/sh\nexec {emulator_there} "${{0%/*}}/real-${{0##*/}}" "$@"\n', "ascii"
    )
    loader.chmod(0o755)


def run(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@contextlib.contextmanager
def serving(
    command: Sequence[str], environment: Mapping[str, str], place: Path, *, quiet: bool = False
) -> Iterator[Service]:
    """Run `command` until the block ends; given once it listens at `place`."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if quiet else None,
        start_new_session=True,
    )
    try:
        _until_listening(place, process)
        yield Service(place, process.pid, time.perf_counter() - began)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def ask(service: Service) -> str:
    """Return what the service answers to a request without a session."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PATIENCE_SECONDS)
        connection.connect(str(service.place))
        connection.sendall(REQUEST)
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode("utf-8")


def _until_listening(place: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the service ended with {process.returncode}"
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(str(place))
            except OSError:
                time.sleep(0.005)
            else:
                return
    raise AssertionError("the service does not come up")
