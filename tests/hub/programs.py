"""The programs of a hub in a chroot: busybox, tclsh, lighttpd and their libraries.

They are this machine's, or Debian's for another processor: then every program on the hub, from the
shell on, is one of that processor.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from ccu_tarball.architectures import ARCHITECTURES
from ccu_tarball.debian import Apt, unpack
from ccu_tarball.own import REPOSITORY
from tests.simulated_ccu.host_programs import host_program

_MODULES = ("access", "auth", "redirect", "rewrite", "setenv", "cgi", "proxy", "indexfile",
            "dirlisting", "staticfile")  # fmt: skip
_PACKAGES = ("busybox-static", "tcl8.6", "libtcl8.6", "lighttpd", "libc6", "libcrypt1",
             "libnettle8", "libpcre2-8-0", "libxxhash0", "zlib1g")  # fmt: skip
_KEPT = REPOSITORY / ".package/hub-programs"


def put_this_machines(root: Path) -> None:
    """Put this machine's programs where a hub has its own."""
    tclsh = Path(host_program("tclsh", "tcl")).resolve()
    lighttpd = Path(host_program("lighttpd", "lighttpd"))
    _put(root, Path(host_program("busybox", "busybox-static")), tclsh, lighttpd)
    _copy_folder(Path("/usr/share/tcltk/tcl8.6"), root / "usr/share/tcltk/tcl8.6")
    # Those that are not there are part of the program.
    modules = [Path(f"/usr/lib/lighttpd/mod_{name}.so") for name in _MODULES]
    modules = [module for module in modules if module.exists()]
    for module in modules:
        _copy(module, root)
    for binary in (tclsh, lighttpd, *modules):
        for library in _libraries(binary):
            _copy(library, root)


def put_those_of(processor: str, root: Path) -> None:
    """Put Debian's programs for `processor` there; what was fetched once is kept."""
    debian = _unpacked(processor)
    _put(root, debian / "bin/busybox", debian / "usr/bin/tclsh8.6", debian / "usr/sbin/lighttpd")
    for name in ("usr/share/tcltk/tcl8.6", "usr/lib", "lib"):
        _copy_folder(debian / name, root / name)


def _put(root: Path, busybox: Path, tclsh: Path, lighttpd: Path) -> None:
    """Instead of the simulated hub's links to this machine's, and of what no hub needs to have."""
    (root / "usr/bin").mkdir(exist_ok=True)
    places = {
        root / "bin/busybox": busybox,
        # The hub's /bin/tclsh sets Tcl up and starts the one that this machine has here.
        root / Path(host_program("tclsh", "tcl")).relative_to("/"): tclsh,
        root / "usr/sbin/lighttpd": lighttpd,
    }
    for place, program in places.items():
        place.unlink(missing_ok=True)
        shutil.copy2(program, place)
    for name in ("curl", "openssl"):
        (root / "bin" / name).unlink(missing_ok=True)


def _libraries(binary: Path) -> list[Path]:
    linked = subprocess.run(
        [host_program("ldd", "libc-bin"), str(binary)], capture_output=True, text=True, check=True
    )
    return [Path(name) for name in re.findall(r"(/\S+\.so\S*)", linked.stdout)]


def _copy(path: Path, root: Path) -> None:
    target = root / path.relative_to("/")
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path.resolve(), target)


def _copy_folder(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)


def _unpacked(processor: str) -> Path:
    """Debian's packages, unpacked; complete once the folder bears its name."""
    folder = _KEPT / processor
    if not folder.exists():
        beside = _KEPT / f"{processor}.incomplete"
        shutil.rmtree(beside, ignore_errors=True)
        architecture = ARCHITECTURES[processor]
        apt = Apt(_KEPT / "apt" / processor, architecture)
        # A list that cannot be read is no matter here: nothing of this leaves the test.
        apt.update()
        versions = apt.versions(_PACKAGES)
        apt.download([(name, versions[name]) for name in _PACKAGES], beside / "packages")
        for package in (beside / "packages").iterdir():
            unpack(package, beside)
        shutil.rmtree(beside / "packages")
        beside.rename(folder)
    return folder
