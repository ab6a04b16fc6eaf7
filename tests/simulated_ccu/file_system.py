"""A CCU's root file system in a folder (source: CCU_CONTRACT.md).

Links inside are relative, so the tree works where it lies, without chroot and without root.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.simulated_ccu.account_files import HUB_SERIAL, AccountFiles
from tests.simulated_ccu.hub_programs import install_programs

Product = Literal["OpenCCU", "CCU3"]

_SOURCE = Path(__file__).parent
_FOLDERS = (
    "bin", "dev", "etc/init.d", "etc/lighttpd/conf.d", "opt", "root", "tmp", "usr/sbin",
    "usr/local/addons", "usr/local/etc/config/addons/mh", "usr/local/etc/config/addons/www",
    "usr/local/etc/config/lighttpd", "usr/local/etc/config/rc.d", "usr/local/tmp",
    "var/etc", "var/lib/lighttpd", "var/log", "var/run", "var/tmp", "www",
)  # fmt: skip
_LINKS = {
    "etc/config": "usr/local/etc/config",
    "www/addons": "usr/local/etc/config/addons/www",
    "usr/local/etc/config/addons/www/mh": "opt/mh/www",
}
_OPENCCU_ONLY = ("bin/updateAddonConfig.tcl", "usr/lib/tcl8.6/homematic/openccu.tcl")
_VERSIONS: dict[Product, str] = {
    "OpenCCU": "VERSION=3.89.8.20260821\nPRODUCT=ova\nPLATFORM=ova\n",
    "CCU3": "VERSION=3.89.8\nPRODUCT=ccu3\nPLATFORM=rpi3\n",
}

# One line of hm_addons.cfg as `array get` of Tcl 8.6 writes it.
VENDOR_ENTRY = (
    "mh {CONFIG_URL /addons/mh/index.cgi CONFIG_DESCRIPTION "
    "{de {<li>Fernzugriff</li>} en {<li>Remote access</li>}} ID mh CONFIG_NAME CloudMatic}"
)
_TIMERS_ENTRY = (
    "hqtimer {CONFIG_URL /addons/hqtimer/index.html CONFIG_DESCRIPTION "
    "{de {<li>Zeitschaltuhren f&uuml;r Ger&auml;te</li>} en {<li>Timers</li>}} "
    "ID hqtimer CONFIG_NAME {HQ Timer}}"
)
_EMAIL_ENTRY = (
    "email {CONFIG_URL /addons/email/index.html CONFIG_DESCRIPTION "
    "{de {<li>E-Mail {Versand} &amp; mehr</li>} en <li>E-Mail</li>} ID email CONFIG_NAME E-Mail}"
)
OTHER_ENTRIES = (_TIMERS_ENTRY, _EMAIL_ENTRY)


@dataclass(frozen=True)
class SimulatedFileSystem:
    """A laid tree; all paths are absolute paths of this machine."""

    root: Path
    product: Product

    @property
    def etc_config(self) -> Path:
        """`/etc/config`, all that survives a reboot and a backup carries."""
        return self.root / "etc/config"

    @property
    def addons(self) -> Path:
        """`/etc/config/addons`."""
        return self.etc_config / "addons"

    @property
    def addons_www(self) -> Path:
        """`/etc/config/addons/www`, served as `/addons/`."""
        return self.addons / "www"

    @property
    def vendor_folder(self) -> Path:
        """`/etc/config/addons/mh`: the account files, world-writable."""
        return self.addons / "mh"

    @property
    def rc_d(self) -> Path:
        """`/etc/config/rc.d`: the add-ons' start scripts."""
        return self.etc_config / "rc.d"

    @property
    def snippets(self) -> Path:
        """`/etc/config/lighttpd`: the add-ons' web server snippets."""
        return self.etc_config / "lighttpd"

    @property
    def hm_addons_cfg(self) -> Path:
        """`/etc/config/hm_addons.cfg`: the buttons in Systemsteuerung."""
        return self.etc_config / "hm_addons.cfg"

    @property
    def lighttpd_conf(self) -> Path:
        """`/etc/lighttpd/lighttpd.conf`."""
        return self.root / "etc/lighttpd/lighttpd.conf"

    @property
    def www(self) -> Path:
        """`/www`, the document root."""
        return self.root / "www"

    @property
    def bin(self) -> Path:
        """`/bin`: busybox's applets, tclsh, OpenCCU's updateAddonConfig.tcl."""
        return self.root / "bin"

    @property
    def var_run(self) -> Path:
        """`/var/run`, a tmpfs on a hub."""
        return self.root / "var/run"

    @property
    def var_log(self) -> Path:
        """`/var/log`, a tmpfs on a hub."""
        return self.root / "var/log"

    @property
    def usr_local_tmp(self) -> Path:
        """`/usr/local/tmp`, where uploads arrive."""
        return self.root / "usr/local/tmp"

    @property
    def board_serial(self) -> Path:
        """`/var/board_serial`."""
        return self.root / "var/board_serial"

    @property
    def engine_url_file(self) -> Path:
        """Ours, not a hub's: the base URL of the simulated logic engine, for the CGI pages."""
        return self.root / "var/etc/engine_url"

    def environment(self) -> dict[str, str]:
        """The whole environment to run a hub's script with: its programs and its root."""
        return {
            "CCU_ROOT": str(self.root),
            "PATH": f"{self.bin}:{self.root / 'usr/sbin'}",
            "HOME": str(self.root / "root"),
            "LC_ALL": "C",
        }

    def write_account_files(self, files: AccountFiles) -> None:
        """Replace each account file atomically; None removes it."""
        for name, content in files.by_name().items():
            path = self.vendor_folder / name
            if content is None:
                path.unlink(missing_ok=True)
            else:
                replace_atomically(path, content, mode=0o666)


def replace_atomically(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """A reader sees the old content or the new one, never a part."""
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(temporary).chmod(mode)
    Path(temporary).replace(path)


def lay(
    root: Path,
    files: AccountFiles,
    *,
    product: Product = "OpenCCU",
    other_addons: bool = True,
    board_serial: str | None = HUB_SERIAL,
) -> SimulatedFileSystem:
    """Lay the tree below `root`, which is made if missing.

    Laying again renews firmware and account files and keeps what add-ons put there: buttons,
    snippets, start scripts. `board_serial=None` stands for firmware without /var/board_serial.
    """
    root = root.resolve()
    for folder in _FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    _copy_firmware(root, product)
    for link, target in _LINKS.items():
        _link(root / link, root / target)
    install_programs(root, with_monit=product == "OpenCCU")
    fs = SimulatedFileSystem(root, product)
    _write_facts(fs, board_serial)
    if not fs.hm_addons_cfg.exists():
        entries = (VENDOR_ENTRY, *(OTHER_ENTRIES if other_addons else ()))
        replace_atomically(fs.hm_addons_cfg, " ".join(entries).encode("iso-8859-1"))
    fs.vendor_folder.chmod(0o777)
    fs.write_account_files(files)
    return fs


def _copy_firmware(root: Path, product: Product) -> None:
    shutil.copytree(_SOURCE / "overlay", root, dirs_exist_ok=True)
    shutil.copytree(_SOURCE / "webui", root / "www", dirs_exist_ok=True)
    if product != "OpenCCU":
        for name in _OPENCCU_ONLY:
            (root / name).unlink()


def _link(link: Path, target: Path) -> None:
    if not link.is_symlink():
        link.symlink_to(os.path.relpath(target, link.parent))


def _write_facts(fs: SimulatedFileSystem, board_serial: str | None) -> None:
    replace_atomically(fs.root / "VERSION", _VERSIONS[fs.product].encode())
    replace_atomically(fs.root / "var/hm_mode", b"HM_MODE='NORMAL'\n")
    if board_serial is None:
        fs.board_serial.unlink(missing_ok=True)
    else:
        replace_atomically(fs.board_serial, f"{board_serial}\n".encode())
        replace_atomically(fs.etc_config / "ids", f"SerialNumber={board_serial}\n".encode())
