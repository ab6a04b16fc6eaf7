"""Which of the locked libraries have known vulnerabilities: `./package.sh audit [OPTION ...]`.

Both lock files are looked up with pip-audit, by default at PyPI; options go to it, such as
`-s osv` or `--ignore-vuln ID`. A library that could not be asked about is no good news: where
a registry does not know a release, pip-audit itself passes it over and reports success.

Debian's packages in the add-on's archive are not asked about: `./package.sh lock hub` brings
Debian's security updates.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ccu_tarball import lock
from portal_lock import LOCK_FILE

CLEAN: Final = 0
VULNERABLE: Final = 1
NOT_ASKED: Final = 2


class AuditFailed(Exception):
    """pip-audit gave no answer; the message is what it said instead."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A vulnerability of a locked library; `fixed_in` may be empty, the newest version is last."""

    library: str
    version: str
    names: tuple[str, ...]
    fixed_in: tuple[str, ...]
    what: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of one lock file: how many libraries were asked about, which could not be."""

    asked: int
    not_asked: tuple[str, ...]
    findings: tuple[Finding, ...]


def hub_requirements() -> str:
    """Return the libraries of all the hub's archives as a requirements file with hashes."""
    hashes: dict[str, set[str]] = {}
    for carried in lock.read().values():
        for each in carried.wheels:
            hashes.setdefault(f"{each.name}=={each.version}", set()).add(each.sha256)
    return "".join(
        f"{pin} {' '.join(f'--hash=sha256:{each}' for each in sorted(known))}\n"
        for pin, known in sorted(hashes.items())
    )


def ask(requirements: str, options: Sequence[str]) -> Answer:
    """Let pip-audit look up a requirements file's content. Raises AuditFailed."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "requirements.txt")
        file.write_text(requirements, "utf-8")
        command = [sys.executable, "-m", "pip_audit", "--format", "json", "--desc", "on"]
        command += ["--progress-spinner", "off", "--disable-pip", "--require-hashes"]
        done = subprocess.run(
            [*command, *options, "--requirement", file], capture_output=True, text=True, check=False
        )
    try:
        return read(json.loads(done.stdout))
    except (ValueError, KeyError, TypeError) as error:
        raise AuditFailed(done.stderr.strip()[-800:] or done.stdout[:200]) from error


def read(report: Mapping[str, Any]) -> Answer:
    """Return what pip-audit's JSON says. Raises KeyError or TypeError if it is another format."""
    asked = [each for each in report["dependencies"] if "skip_reason" not in each]
    return Answer(
        asked=len(asked),
        not_asked=tuple(each["name"] for each in report["dependencies"] if "skip_reason" in each),
        findings=tuple(
            Finding(
                library=each["name"],
                version=each["version"],
                names=(known["id"], *known["aliases"]),
                fixed_in=tuple(known["fix_versions"]),
                what=known["description"],
            )
            for each in asked
            for known in each["vulns"]
        ),
    )


def sentences(name: str, answer: Answer) -> Iterable[str]:
    """Tell one lock file's answer in lines."""
    for each in answer.findings:
        cure = f"fixed in {each.fixed_in[-1]}" if each.fixed_in else "not fixed yet"
        names = ", ".join(each.names)
        yield f"{name}: {each.library} {each.version}: {names} ({cure}): {each.what}"
    if answer.not_asked:
        yield f"{name}: NOT ASKED, the registry does not tell: {', '.join(answer.not_asked)}"
    yield f"{name}: {answer.asked} libraries asked about, {len(answer.findings)} vulnerabilities"


def status(answers: Iterable[Answer]) -> int:
    """Return the exit status: not to know is worse than to know."""
    answers = list(answers)
    if any(each.not_asked or not each.asked for each in answers):
        return NOT_ASKED
    return VULNERABLE if any(each.findings for each in answers) else CLEAN


def main(options: Sequence[str]) -> int:
    locks = {"hub": hub_requirements(), "portal": LOCK_FILE.read_text("utf-8")}
    answers = []
    for name, requirements in locks.items():
        try:
            answer = ask(requirements, options)
        except AuditFailed as error:
            print(f"package.sh: {name}: {error}", file=sys.stderr)
            return NOT_ASKED
        answers.append(answer)
        print("\n".join(sentences(name, answer)), flush=True)
    return status(answers)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
