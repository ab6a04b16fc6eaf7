"""`python -m tests.fuzz TARGET [--seconds N]`: look for bytes that break a parser's promise.

What breaks it is written to `test-results/fuzz/<target>/`; mend the parser, and keep the file in
`tests/fuzz/corpus/<target>/`. With --keep, small inputs that reach something new are kept, too.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.fuzz import targets
from tests.fuzz.kept import CORPUS, MOST_KEPT

ROOT: Final = Path(__file__).parents[2]
FOUND: Final = ROOT / "test-results" / "fuzz"
MOST_NEW: Final = 20
"""Inputs that one run may add to the corpus of a target."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=[*targets.names(), "all"])
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--keep", action="store_true", help="add what reaches something new")
    options = parser.parse_args()
    if find_spec("atheris") is None:
        parser.error("atheris is missing: pip install -e '.[fuzz]'")
    chosen = targets.names() if options.target == "all" else [options.target]
    broken = [name for name in chosen if not fuzz(name, options.seconds, keep=options.keep)]
    print(f"broken: {', '.join(broken)}" if broken else "no promise was broken", flush=True)
    return 1 if broken else 0


def fuzz(name: str, seconds: int, *, keep: bool) -> bool:
    """Whether the promise held. One process each: atheris changes the modules that it watches."""
    target = targets.load(name)
    print(f"== {name}: {target.promise}", flush=True)
    found = FOUND / name
    found.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        new, known = Path(folder, "new"), Path(folder, "known")
        new.mkdir()
        known.mkdir()
        for number, data in enumerate(target.seeds()):
            (known / f"seed-{number}").write_bytes(data)
        (CORPUS / name).mkdir(parents=True, exist_ok=True)
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "tests.fuzz.watched",
            name,
            new,
            CORPUS / name,
            known,
        ]
        command += [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=1024"]
        command += [f"-max_len={MOST_KEPT}", "-print_final_stats=1", f"-artifact_prefix={found}/"]
        done = subprocess.run(command, cwd=ROOT, check=False)
        if keep:
            _keep(new, CORPUS / name)
    return done.returncode == 0


def _keep(new: Path, corpus: Path) -> None:
    """The smallest ones: whoever reads them should see why."""
    by_size = sorted(new.iterdir(), key=lambda path: path.stat().st_size)
    for path in by_size[:MOST_NEW]:
        shutil.copyfile(path, corpus / path.name[:16])


if __name__ == "__main__":
    sys.exit(main())
