"""The licences of everything in the archive, and what is carried in one list.

licenses/README                     what is here, and where sources are
licenses/cloudmatic-ccu             ours
licenses/debian/<package>           as Debian states them
licenses/common/<licence>           texts that those refer to
licenses/python/<distribution>/     as the wheels bring them
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from ccu_tarball.errors import LicenceMissing
from ccu_tarball.lock import Locked
from ccu_tarball.own import REPOSITORY
from ccu_tarball.tree import Tree

_FILES: Final = ("licenses/**/*", "LICEN[CS]E*", "COPYING*", "NOTICE*", "AUTHORS*")
_COMMON: Final = re.compile(r"/usr/share/common-licenses/([A-Za-z0-9.+-]*[A-Za-z0-9])")
_README: Final = """\
Licences of what this add-on carries; sbom.cdx.json beside this folder lists it with versions.

cloudmatic-ccu   the add-on's own packages, scripts and pages
debian/          the Python interpreter, its standard library and the shared libraries, unchanged
                 but for removed parts and symbols; texts that they refer to are in common/.
                 Source packages of these versions: Debian, `apt-get source NAME=VERSION`.
python/          Python packages from wheels. That of cryptography contains OpenSSL, under the
                 licence in cloudmatic-ccu (Apache-2.0).
"""


def lay(tree: Tree, debs: Mapping[str, Path], wheels: Iterable[Locked]) -> None:
    """Collect them for the packages in `debs` and `wheels`. Raises LicenceMissing.

    To be called while the wheels' descriptions are still there, and with `base-files` among debs.
    """
    tree.licences.mkdir()
    (tree.licences / "README").write_text(_README, "ascii")
    shutil.copyfile(REPOSITORY / "LICENSE", tree.licences / "cloudmatic-ccu")
    for package in debs:
        _debian(tree, package, debs)
    for wheel in wheels:
        _wheel(tree, wheel)


def keep_debian(tree: Tree, carried: Iterable[str], debs: Mapping[str, Path]) -> None:
    """Drop the licences of packages of which nothing is left; add the texts that the rest names."""
    folder = tree.licences / "debian"
    for file in list(folder.iterdir()):
        if file.name not in set(carried):
            file.unlink()
    common = tree.licences / "common"
    common.mkdir()
    for file in sorted(folder.iterdir()):
        for name in _COMMON.findall(file.read_text("utf-8", "replace")):
            text = debs["base-files"] / "usr/share/common-licenses" / name
            if text.exists():
                shutil.copyfile(text, common / name)


def _debian(tree: Tree, package: str, debs: Mapping[str, Path]) -> None:
    folder = tree.licences / "debian"
    folder.mkdir(exist_ok=True)
    place = debs[package] / "usr/share/doc" / package
    if place.is_symlink():
        # Several packages of one source share a folder.
        owner = place.readlink().name
        if owner not in debs:
            raise LicenceMissing(f"Debian's {package} (its licence is in {owner})")
        place = debs[owner] / "usr/share/doc" / owner
    if not (place / "copyright").is_file():
        raise LicenceMissing(f"Debian's {package}")
    shutil.copyfile(place / "copyright", folder / package)


def _wheel(tree: Tree, wheel: Locked) -> None:
    description = description_folder(tree, wheel)
    found = sorted({path for pattern in _FILES for path in description.glob(pattern)})
    files = [path for path in found if path.is_file()]
    if not files:
        raise LicenceMissing(f"the wheel {wheel.file}")
    for path in files:
        inner = path.relative_to(description)
        parts = inner.parts[1:] if inner.parts[0] == "licenses" else inner.parts
        place = tree.licences.joinpath("python", wheel.name, *parts)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)


def description_folder(tree: Tree, wheel: Locked) -> Path:
    """Return the `.dist-info` folder that `wheel` was unpacked with."""
    return tree.packages / f"{'-'.join(wheel.file.split('-')[:2])}.dist-info"
