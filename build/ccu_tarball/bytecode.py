"""Precompiling: by the carried Python itself, so that the bytes depend on no other one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ccu_tarball import shared_libraries
from ccu_tarball.programs import run
from ccu_tarball.tree import Tree, lay_python

_SCRIPT: Final = Path(__file__).with_name("compile_script.py")


class Compiler:
    """A Python of the locked version that runs on this machine."""

    def __init__(self, tree: Tree, debs: dict[str, Path]) -> None:
        lay_python(tree, debs)
        shared_libraries.carry(tree, [tree.interpreter], debs)
        tree.loader.chmod(0o755)
        self._tree = tree

    def compile(self, lib: Path, installed_lib: str, with_source: list[str]) -> None:
        """Compile all below `lib` for its place on the hub. Raises CommandFailed.

        Only the packages named in `with_source` keep their sources, so that a traceback shows
        our own lines.
        """
        tree = self._tree
        start: list[str | Path] = [tree.loader, "--inhibit-cache", "--library-path", tree.lib]
        start.append(tree.interpreter)
        # -I: what the environment says about Python is not asked.
        run([*start, "-I", "-S", _SCRIPT, lib, installed_lib, *with_source])
