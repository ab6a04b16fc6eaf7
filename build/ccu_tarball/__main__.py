"""`./package.sh [armv7l|aarch64|x86_64|all]` and `./package.sh lock`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from ccu_tarball import lock, report
from ccu_tarball.architectures import ARCHITECTURES
from ccu_tarball.build import Folders, build
from ccu_tarball.errors import PackagingFailed
from ccu_tarball.own import REPOSITORY
from ccu_tarball.refresh import refresh
from ccu_tarball.report import Progress

_KEPT = REPOSITORY / ".package"


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        if options.what == "lock":
            refresh(
                REPOSITORY / "setup.py",
                options.downloads / "apt",
                stale_is_fine=options.despite_stale_lists,
                say=_say,
            )
        else:
            names = ARCHITECTURES if options.what == "all" else [options.what]
            _build_all(list(names), options)
    except PackagingFailed as error:
        print(f"package.sh: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="package.sh", description=__doc__)
    parser.add_argument("what", nargs="?", default="all", choices=[*ARCHITECTURES, "all", "lock"])
    parser.add_argument("--report", action="store_true", help="what each step saves, as a table")
    parser.add_argument("--dist", type=Path, default=REPOSITORY / "dist", metavar="FOLDER")
    parser.add_argument("--work", type=Path, default=_KEPT / "work", metavar="FOLDER")
    parser.add_argument("--downloads", type=Path, default=_KEPT / "downloads", metavar="FOLDER")
    parser.add_argument(
        "--despite-stale-lists",
        action="store_true",
        help="lock also if apt cannot read every list; security updates may be missing",
    )
    return parser


def _build_all(names: list[str], options: argparse.Namespace) -> None:
    locked = lock.read()
    for sentence in lock.unequal(locked):
        _say(f"Note: {sentence}. An update is missing there: ./package.sh lock")
    folders = Folders(options.downloads.resolve(), options.work.resolve(), options.dist.resolve())
    for name in names:
        began = time.monotonic()
        progress = Progress(name, _say, with_packed=options.report)
        built = build(ARCHITECTURES[name], locked, folders, progress)
        _say(
            f"[{name}] {built.file}: {built.packed / 1e6:.2f} MB packed, "
            f"{built.unpacked / 1e6:.2f} MB unpacked, {time.monotonic() - began:.0f} s"
        )
        if options.report:
            print(report.table(name, progress.lines), flush=True)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
