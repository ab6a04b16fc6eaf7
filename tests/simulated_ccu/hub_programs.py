"""Fills the simulated hub's `/bin` and `/usr/sbin`: busybox's applets and a few wrappers.

Wrappers find their root from their own place, so a laid tree may be moved as a whole.
"""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

from tests.simulated_ccu.host_programs import ProgramMissingError, host_program

# Debian's package tools are applets of its busybox, but of no hub's.
_NOT_ON_A_HUB = {"dpkg", "dpkg-deb", "rpm", "rpm2cpio", "busybox"}

_TCLSH = """#!/bin/sh
# tclsh of the hub: finds the HomeMatic package, works on this root, speaks ISO-8859-1.
CCU_ROOT=${{CCU_ROOT-$(cd "${{0%/*}}/.." && pwd)}}
TCLLIBPATH="{{$CCU_ROOT/usr/lib/tcl8.6}}"
LC_ALL=C
export CCU_ROOT TCLLIBPATH LC_ALL
exec {program} "$@"
"""

_LIGHTTPD = """#!/bin/sh
# The machine's lighttpd, after snippets with a real hub's paths were brought below this root.
"${{0%/*}}/../lib/simulated-ccu/adopt-snippets" || exit 1
exec {program} "$@"
"""

_MONIT = """#!/bin/sh
# Stands for monit: writes down what it was told.
printf '%s\\n' "$*" >>"${0%/*}/../var/log/monit-calls"
"""


def install_programs(root: Path, *, with_monit: bool) -> None:
    """Put programs below `root`; ProgramMissingError without busybox or tclsh."""
    _link_busybox(root / "bin")
    _write_program(root / "bin/tclsh", _TCLSH.format(program=_quoted("tclsh", "tcl")))
    for name in ("curl", "openssl"):
        _link_if_installed(root / "bin" / name)
    _write_lighttpd(root / "usr/sbin/lighttpd")
    if with_monit:
        _write_program(root / "bin/monit", _MONIT)


def _quoted(program: str, package: str) -> str:
    return shlex.quote(host_program(program, package))


def _link_busybox(folder: Path) -> None:
    busybox = host_program("busybox", "busybox-static")
    listing = subprocess.run([busybox, "--list"], check=True, capture_output=True, text=True)
    _link(folder / "busybox", busybox)
    for applet in listing.stdout.split():
        if applet not in _NOT_ON_A_HUB:
            _link(folder / applet, "busybox")


def _link(path: Path, target: str) -> None:
    if path.is_symlink() and str(path.readlink()) == target:
        return
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def _link_if_installed(path: Path) -> None:
    try:
        _link(path, host_program(path.name, path.name))
    except ProgramMissingError:
        path.unlink(missing_ok=True)


def _write_lighttpd(path: Path) -> None:
    """Without lighttpd the tree is still of use; WebServer.start then says what is missing."""
    try:
        program = _quoted("lighttpd", "lighttpd")
    except ProgramMissingError:
        return
    _write_program(path, _LIGHTTPD.format(program=program))


def _write_program(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.write_text(text, encoding="ascii")
    path.chmod(0o755)
