"""The Zusatzsoftware page: what it reads from the start scripts, and its buttons."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass

Run = Callable[..., "subprocess.CompletedProcess[str]"]
"""Runs one of the hub's programs with the hub's environment: the words of its command."""

RC_D = "/usr/local/etc/config/rc.d"


@dataclass(frozen=True)
class AddonEntry:
    """One add-on as the page shows it; a key that was printed twice has both values."""

    id: str
    values: dict[str, str]

    @property
    def operations(self) -> list[str]:
        return self.values.get("Operations", "").split()

    @property
    def version_for_update_check(self) -> str:
        """Second word of the `Version:` line, as the daily check reads it."""
        return f"Version: {self.values['Version']}".split()[1]


def entry(run: Run, root: str, addon: str, language: str = "de") -> AddonEntry:
    """Ask `info.<language>` and then `info`, and append the values of a repeated key."""
    values: dict[str, str] = {}
    for question in (f"info.{language}", "info"):
        said = run(f"{root}{RC_D}/{addon}", question).stdout
        for line in said.splitlines():
            key, colon, value = line.partition(": ")
            if colon:
                values[key] = f"{values[key]}\n{value}" if key in values else value
    return AddonEntry(addon, values)


def uninstall(run: Run, root: str, addon: str) -> int:
    """ "Deinstallieren": run the script, wait for it, then delete it."""
    script = f"{root}{RC_D}/{addon}"
    exit_code = run(script, "uninstall").returncode
    run("rm", "-f", script)
    return exit_code
