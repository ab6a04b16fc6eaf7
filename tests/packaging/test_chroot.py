"""A hub with nothing but busybox: no Python, no C library, no certificates of this machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ccu_tarball import own
from cloudmatic_link import __version__
from tests.packaging.unpacked import NO_PORTAL, ask, emulate, emulator, run, serving, unpack

_ENVIRONMENT = {"PATH": "/bin", **NO_PORTAL}
_CHROOT = "/usr/sbin/chroot"
_PROGRAM = "/usr/local/addons/cloudmatic/current/bin/ccu-dashboard"

pytestmark = [
    pytest.mark.needs_root,
    pytest.mark.skipif(os.geteuid() != 0, reason="chroot needs root"),
]


@pytest.fixture
def hub(hub_archive: tuple[str, Path], hub_root: Path) -> Path:
    """A root file system with busybox and the program tree in its place."""
    architecture, file = hub_archive
    for folder in ("bin", "dev", "etc", "proc", "tmp", "var/run", "usr/local/etc/config/addons"):
        (hub_root / folder).mkdir(parents=True)
    (hub_root / "etc/hosts").write_text("127.0.0.1 localhost\n", "ascii")
    os.mknod(hub_root / "dev/null", 0o20666, os.makedev(1, 3))
    os.mknod(hub_root / "dev/urandom", 0o20666, os.makedev(1, 9))
    (hub_root / "dev/null").chmod(0o666)
    busybox = shutil.which("busybox")
    assert busybox is not None
    shutil.copy(busybox, hub_root / "bin/busybox")
    for applet in ("sh", "readlink", "cat"):
        (hub_root / "bin" / applet).symlink_to("busybox")
    unpacked = unpack(file, hub_root / "unpacked", architecture)
    if (program := emulator(architecture)) is not None:
        shutil.copy(program, hub_root / "bin/emulator")
        emulate(unpacked, "/bin/emulator")
    place = hub_root / own.installed_at().lstrip("/")
    place.parent.mkdir(parents=True)
    unpacked.tree.rename(place)
    (place.parent.parent / "current").symlink_to(Path("versions") / place.name)
    return hub_root


def test_it_runs_where_it_is_installed(hub: Path) -> None:
    done = run([_CHROOT, str(hub), _PROGRAM, "--version"], _ENVIRONMENT)
    assert (done.stdout, done.stderr) == (f"{__version__}\n", "")


def test_the_doctor_runs_there(hub: Path) -> None:
    done = run([_CHROOT, str(hub), _PROGRAM, "doctor"], _ENVIRONMENT)
    assert done.returncode == 1
    assert "FAIL" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_service_answers_there_without_root(hub: Path) -> None:
    command = [_CHROOT, str(hub), _PROGRAM, "serve"]
    with serving(command, _ENVIRONMENT, hub / "var/run/cloudmatic/dashboard.sock") as service:
        answer = ask(service)
        state = hub / "usr/local/etc/config/addons/cloudmatic"
        assert state.stat().st_uid != 0
    assert answer.startswith("HTTP/1.1 403 ")
