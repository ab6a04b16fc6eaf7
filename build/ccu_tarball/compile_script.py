"""Run by the carried Python: compile_script.py LIB INSTALLED_LIB PACKAGE_WITH_SOURCE ...

Writes bytecode that is never compared with a source: unchecked hashes beside the sources that
stay, and instead of all others. Docstrings of functions and modules go, they cost memory; those
of classes stay, since dataclasses would make up others at each start.
"""

from __future__ import annotations

import ast
import marshal
import sys
from importlib.util import MAGIC_NUMBER, source_hash
from pathlib import Path

# The flag says: bytecode with a hash, which nobody compares.
_HEADER = MAGIC_NUMBER + (1).to_bytes(4, "little")
_WITHOUT_DOCSTRING = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef)


def main(lib: Path, installed_lib: str, with_source: list[str]) -> None:
    for file in sorted(lib.rglob("*.py")):
        place = f"{installed_lib}/{file.relative_to(lib)}"
        source = file.read_bytes()
        code = compile(_parsed(source, place), place, "exec", dont_inherit=True, optimize=0)
        content = _HEADER + source_hash(source) + marshal.dumps(code)
        if any(part in with_source for part in file.relative_to(lib).parts):
            cache = file.parent / "__pycache__" / f"{file.stem}.{sys.implementation.cache_tag}.pyc"
            cache.parent.mkdir(exist_ok=True)
            cache.write_bytes(content)
        else:
            file.with_suffix(".pyc").write_bytes(content)
            file.unlink()


def _parsed(source: bytes, place: str) -> ast.Module:
    module = ast.parse(source, place)
    for node in ast.walk(module):
        if isinstance(node, _WITHOUT_DOCSTRING) and ast.get_docstring(node, clean=False):
            # Nothing may take its place in a module: `from __future__` has to come first.
            nothing = ast.copy_location(ast.Pass(), node.body[0])
            node.body = node.body[1:] or [nothing]
    return module


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
