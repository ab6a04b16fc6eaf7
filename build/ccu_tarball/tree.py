"""The program tree as it lies on the hub, and how the runtime gets into it.

bin/ccu-dashboard, bin/python   launchers (launchers.py)
lib/python3                     the interpreter, beside its loader and shared libraries
lib/python3.11/                 its standard library
lib/packages/                   what comes from wheels, and our own two packages
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ccu_tarball import debian, wheels
from ccu_tarball.architectures import PYTHON, Architecture

_WITHOUT_CACHES: Final = shutil.ignore_patterns("__pycache__")


@dataclass(frozen=True, slots=True)
class Tree:
    """Places in the program tree at `root`."""

    root: Path
    architecture: Architecture

    @property
    def lib(self) -> Path:
        return self.root / "lib"

    @property
    def interpreter(self) -> Path:
        return self.lib / "python3"

    @property
    def loader(self) -> Path:
        return self.lib / self.architecture.loader

    @property
    def stdlib(self) -> Path:
        return self.lib / f"python{PYTHON}"

    @property
    def packages(self) -> Path:
        return self.lib / "packages"

    @property
    def licences(self) -> Path:
        return self.root / "licenses"

    def files(self) -> list[Path]:
        """Return every file in it, sorted."""
        return sorted(path for path in self.root.rglob("*") if path.is_file())

    def size(self) -> int:
        """Return the bytes in all its files."""
        return sum(path.stat().st_size for path in self.files())


def unpack_debian(packages: Mapping[str, Path], into: Path) -> dict[str, Path]:
    """Unpack each .deb into a folder of its own; returns the folders by package name."""
    folders = {name: into / name for name in packages}
    for name, file in packages.items():
        debian.unpack(file, folders[name])
    return folders


def lay_python(tree: Tree, debs: Mapping[str, Path]) -> None:
    """Put the interpreter and its standard library into `tree`, complete."""
    tree.lib.mkdir(parents=True)
    shutil.copy(
        debs["python3.11-minimal"] / f"usr/bin/python{PYTHON}",
        tree.interpreter,
    )
    for name in ("libpython3.11-minimal", "libpython3.11-stdlib"):
        shutil.copytree(
            debs[name] / f"usr/lib/python{PYTHON}",
            tree.stdlib,
            dirs_exist_ok=True,
            # Links lead to Debian's own places; nothing behind them is needed.
            ignore=lambda folder, names: {
                *_WITHOUT_CACHES(folder, names),
                *(name for name in names if (Path(folder) / name).is_symlink()),
            },
        )


def lay_packages(tree: Tree, debs: Mapping[str, Path], files: Sequence[Path]) -> None:
    """Put what comes from wheels, and cffi's compiled half, into `tree`, complete."""
    tree.packages.mkdir(parents=True)
    for file in files:
        wheels.unpack(file, tree.packages)
    backend = debs["python3-cffi-backend"] / "usr/lib/python3/dist-packages"
    for path in backend.glob(f"_cffi_backend.cpython-{PYTHON.replace('.', '')}-*.so"):
        shutil.copy(path, tree.packages)
