"""What the hub has no use for. Each step is a line of the report (docs/packaging.md)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ccu_tarball.tree import Tree

_KEPT_ENCODINGS: Final = frozenset(
    {"__init__", "aliases", "ascii", "charmap", "cp1252", "cp437", "hex_codec", "idna"}
    | {"iso8859_1", "iso8859_15", "latin_1", "punycode", "raw_unicode_escape", "undefined"}
    | {"unicode_escape", "utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_32_be", "utf_32_le"}
    | {"utf_8", "utf_8_sig"}
)
_KEPT_ZONES: Final = frozenset({"Europe", "Etc", "CET", "EET", "GMT", "UTC", "WET", "Zulu"})


@dataclass(frozen=True, slots=True)
class Step:
    """Removes what `patterns` match below lib/, and what is not named in the folders of `keep`.

    `{std}`, `{so}` and `{pkg}` are folders below lib/.
    """

    name: str
    patterns: tuple[str, ...] = ()
    keep: tuple[tuple[str, frozenset[str]], ...] = ()

    def paths(self, tree: Tree) -> Iterator[Path]:
        """Yield what goes."""
        places = {
            "std": tree.stdlib.name,
            "so": f"{tree.stdlib.name}/lib-dynload",
            "pkg": tree.packages.name,
        }
        for pattern in self.patterns:
            yield from list(tree.lib.glob(pattern.format(**places)))
        for folder, stems in self.keep:
            entries = list((tree.lib / folder.format(**places)).iterdir())
            yield from (entry for entry in entries if entry.stem not in stems)


def _modules(names: str) -> tuple[str, ...]:
    """Modules or packages of the standard library by name, compiled ones too."""
    found: list[str] = []
    for name in names.split():
        found += ["{std}/" + name, "{std}/" + name + ".py", "{so}/" + name + ".cpython-*.so"]
    return tuple(found)


STEPS: Final = (
    Step(
        "tests, IDE, installers and documentation of the standard library",
        _modules(
            "test idlelib tkinter turtledemo turtle lib2to3 ensurepip distutils unittest doctest"
            " pydoc pydoc_data venv zipapp __hello__ __phello__ antigravity this sitecustomize"
            " _distutils_system_mod _sysconfigdata__* _aix_support _osx_support _bootsubprocess"
            " EXTERNALLY-MANAGED LICENSE.txt _test* _xxtestfuzz xxlimited* _ctypes_test"
            " _xxsubinterpreters"
        ),
    ),
    Step(
        "debuggers and profilers",
        _modules(
            "bdb cProfile cmd code compileall modulefinder pdb pickletools profile pstats pyclbr"
            " rlcompleter symtable tabnanny timeit trace _lsprof"
        ),
    ),
    Step(
        "databases, terminals, foreign functions, processes in pools, pure twins of compiled parts",
        _modules(
            "sqlite3 _sqlite3 dbm _dbm shelve curses _curses* readline ctypes _ctypes"
            " multiprocessing _multiprocessing _posixshmem _pydecimal _pyio pty tty"
        ),
    ),
    Step(
        "protocols and formats that nobody here speaks",
        _modules(
            "aifc asynchat asyncore audioop bz2 _bz2 cgi cgitb chunk colorsys crypt _crypt ftplib"
            " imaplib imghdr lzma _lzma mailbox mailcap nis nntplib nturl2path ossaudiodev pipes"
            " plistlib poplib smtpd smtplib sndhdr sunau telnetlib uu _uuid wave webbrowser"
            " wsgiref xdrlib xmlrpc"
        ),
    ),
    Step(
        "parts that nothing carried imports (found by following every import statement)",
        (
            *_modules(
                "_markupbase codeop configparser difflib filecmp fileinput graphlib imp optparse"
                " sched socketserver xml asyncio/windows_events asyncio/windows_utils"
                " concurrent/futures/process html/parser http/server json/tool logging/config"
                " urllib/robotparser"
            ),
            "{pkg}/idna/cli.py",
            "{pkg}/joserfc/drafts",
            "{pkg}/urllib3/contrib/emscripten",
            "{pkg}/urllib3/contrib/pyopenssl.py",
            "{pkg}/urllib3/contrib/socks.py",
            "{pkg}/urllib3/http2/connection.py",
        ),
    ),
    Step(
        "character sets",
        ("{so}/_codecs_*.so", "{so}/_multibytecodec.*.so"),
        keep=(("{std}/encodings", _KEPT_ENCODINGS),),
    ),
    Step(
        "sources, type hints and test helpers in the wheels",
        (
            *("{pkg}/**/*" + each for each in (".pyi", ".pyx", ".pxd", ".pxi", ".c", ".h")),
            "{pkg}/**/py.typed",
            "{pkg}/**/.hash",
            "{pkg}/**/tests",
            "{pkg}/aiohttp/pytest_plugin.py",
            "{pkg}/aiohttp/test_utils.py",
            "{pkg}/aiohttp/worker.py",
            "{pkg}/charset_normalizer/cli",
            "{pkg}/charset_normalizer/__main__.py",
        ),
    ),
    Step(
        "one of two twins: frozenlist compiled (pulls in libstdc++), detection and WebSocket too",
        (
            "{pkg}/aiohttp/_websocket/*.so",
            "{pkg}/multidict/_multidict_py.py",
            "{pkg}/frozenlist/*.so",
            "{pkg}/charset_normalizer/*.so",
            "{pkg}/*__mypyc.*.so",
        ),
    ),
    Step(
        "time zones outside Europe",
        keep=(
            ("{pkg}/tzdata", frozenset({"__init__", "zoneinfo"})),
            ("{pkg}/tzdata/zoneinfo", _KEPT_ZONES | {"__init__"}),
        ),
    ),
    Step("descriptions of the wheels (licences stay, see licenses/)", ("{pkg}/*.dist-info",)),
)


def apply(step: Step, tree: Tree) -> None:
    """Remove what `step` names."""
    for path in step.paths(tree):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
