"""One target within atheris: `python -m tests.fuzz.watched TARGET [LIBFUZZER OPTION ...]`."""

from __future__ import annotations

import sys
from typing import Final

import atheris

_WATCHED: Final = [
    "ccu_dashboard",
    "cloudmatic_link",
    "cloudmatic_portal",
    "aiohttp.multipart",
    "csv",
    "email",
    "json",
    "joserfc",
    "mt940",
    "tomllib",
    "zipfile",
]


def main() -> None:
    name = sys.argv.pop(1)
    with atheris.instrument_imports(include=_WATCHED):
        from tests.fuzz import targets  # noqa: PLC0415  what is imported here is watched

        target = targets.load(name)
    atheris.Setup(sys.argv, target.check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
