"""No private key, token or password of anybody lies in the repository.

detect-secrets had no release for two years when this was written, hence a list of our own: forms
that only real secrets have. What tests use as secrets is made at run time or is plainly none.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PATTERNS: Final = {
    "private key": rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----(?:\\n|\s)+[A-Za-z0-9+/]{32}",
    "private JWK": rb"[\"']d[\"']\s*:\s*[\"'][A-Za-z0-9_-]{43,}[\"']",
    "PuTTY key": rb"PuTTY-User-Key-File-\d",
    "AWS": rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "GitHub": rb"\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{50}",
    "GitLab": rb"\bglpat-[A-Za-z0-9_-]{20}",
    "Google": rb"\bAIza[A-Za-z0-9_-]{35}",
    "npm": rb"\bnpm_[A-Za-z0-9]{36}",
    "PayPal": rb"access_token\$(?:production|sandbox)\$[a-z0-9]+\$[a-f0-9]{32}",
    "PyPI": rb"\bpypi-AgE[A-Za-z0-9_-]{50}",
    "SendGrid": rb"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
    "Slack": rb"\bxox[abeprs]-[A-Za-z0-9-]{20}",
    "Stripe": rb"\b[rs]k_live_[A-Za-z0-9]{20}",
    "signed token": rb"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{40,}",
    "second factor": rb"otpauth://[^\s\"']*secret=[A-Z2-7]{16}",
    "password in an address": rb"[a-z]://[^\s/:@\"'{}<>]+:[^\s/:@\"'{}<>]+@(?!%s)[a-z0-9-]+\.[a-z]"
    % rb"[a-z0-9.-]*(?:example|invalid|test|localhost)\b",
}
PUBLISHED: Final = (b"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",)
"""Keys that everybody has: RFC 8037, appendix A.1."""

FUZZED_TOKENS: Final = "tests/fuzz/corpus/token/"
"""Tokens that open nothing: signed with keys made for the fuzzing, most of them broken."""

NEWLINE: Final = b"\n"
FILES: Final = re.compile(
    r"\.(?:pem|key|p12|pfx|jks|kdbx|ppk|db|sqlite3?)$|(?:^|/)(?:id_[a-z0-9]+|\.env|\.netrc|\.pypirc"
    r"|\.npmrc|\.pgpass|secret)$"
)
"""Files that hold secrets, by their names; none belongs here."""


def tracked() -> list[str]:
    listed = subprocess.run(
        ["/usr/bin/git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    return [name.decode() for name in listed.stdout.split(b"\0") if name]


def secrets(content: bytes) -> list[str]:
    """What was found, without repeating it."""
    return [
        f"{kind} in line {content[: found.start()].count(NEWLINE) + 1}"
        for kind, pattern in PATTERNS.items()
        for found in re.finditer(pattern, content)
        if not any(known in found[0] for known in PUBLISHED)
    ]


def _secrets_of(name: str) -> list[str]:
    found = secrets((ROOT / name).read_bytes())
    if name.startswith(FUZZED_TOKENS):
        return [each for each in found if not each.startswith("signed token")]
    return found


def test_no_tracked_file_holds_a_secret() -> None:
    names = tracked()
    assert len(names) > 1_000
    found = {
        name: known for name in names if (ROOT / name).is_file() and (known := _secrets_of(name))
    }
    assert found == {}


def test_no_file_that_is_meant_for_secrets_is_tracked() -> None:
    assert [name for name in tracked() if FILES.search(name)] == []


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("private key", ("-----BEGIN ", "PRIVATE KEY-----\n", "MC4CAQAwBQYDK2VwBCIEIHo1" * 2)),
        ("private key", ("-----BEGIN OPENSSH ", "PRIVATE KEY-----\n", "b3BlbnNzaC1rZXkt" * 3)),
        ("private JWK", ('{"kty": "OKP", "', 'd": "', "A" * 43, '"}')),
        ("AWS", ("AKIA", "ABCDEFGHIJKLMNOP")),
        ("GitHub", ("ghp_", "a1" * 18)),
        ("PyPI", ("pypi-", "AgE", "x" * 60)),
        ("signed token", ("eyJ", "h" * 30, ".eyJ", "p" * 30, ".", "s" * 86)),
        ("second factor", ("otpauth://totp/x?", "secret=", "JBSWY3DPEHPK3PXP")),
        ("password in an address", ("smtps://portal:", "hunter2", "@mail.provider.de")),
    ],
)
def test_a_secret_is_found(kind: str, parts: tuple[str, ...]) -> None:
    """Put together here, or this file would be one that holds secrets."""
    assert secrets(b"\n" + "".join(parts).encode()) == [f"{kind} in line 2"]


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PRIVATE KEY-----\n",
        "smtps://user:password@mail.example",
        "postgresql://portal:secret@localhost/portal",
        '"d": "short"',
    ],
)
def test_what_is_none_is_not_called_one(text: str) -> None:
    assert secrets(text.encode()) == []


@pytest.mark.parametrize("name", ["hub_key.pem", "deploy/secret", ".env", "a/id_ed25519", "x.db"])
def test_a_file_for_secrets_is_known_by_its_name(name: str) -> None:
    assert FILES.search(name)
