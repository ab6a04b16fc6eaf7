"""The audit of the locked libraries: pip-audit is read rightly, and silence is no good news."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

import audit
from audit import Answer, AuditFailed, Finding
from ccu_tarball import lock
from portal_lock import LOCK_FILE, read

FOUND = Finding("jinja2", "3.1.5", ("PYSEC-1", "CVE-2025-1"), ("3.1.6",), "A sandbox breakout.")
REPORT: dict[str, Any] = {
    "dependencies": [
        {
            "name": "jinja2",
            "version": "3.1.5",
            "vulns": [
                {
                    "id": "PYSEC-1",
                    "aliases": ["CVE-2025-1"],
                    "fix_versions": ["3.1.6"],
                    "description": "A sandbox breakout.",
                }
            ],
        },
        {"name": "idna", "version": "3.20", "vulns": []},
        {"name": "segno", "skip_reason": "Dependency not found on PyPI"},
    ],
    "fixes": [],
}
CLEAN = Answer(3, (), ())


def test_a_report_is_read() -> None:
    assert audit.read(REPORT) == Answer(2, ("segno",), (FOUND,))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([CLEAN, CLEAN], audit.CLEAN),
        ([CLEAN, Answer(3, (), (FOUND,))], audit.VULNERABLE),
        ([CLEAN, Answer(3, ("segno",), ())], audit.NOT_ASKED),
        ([Answer(3, (), (FOUND,)), Answer(3, ("segno",), ())], audit.NOT_ASKED),
        ([CLEAN, Answer(0, (), ())], audit.NOT_ASKED),
    ],
)
def test_only_an_answer_about_every_library_is_good_news(
    answers: list[Answer], expected: int
) -> None:
    assert audit.status(answers) == expected


def test_what_was_found_is_told_with_its_cure() -> None:
    assert list(audit.sentences("hub", Answer(2, ("segno",), (FOUND,)))) == [
        "hub: jinja2 3.1.5: PYSEC-1, CVE-2025-1 (fixed in 3.1.6): A sandbox breakout.",
        "hub: NOT ASKED, the registry does not tell: segno",
        "hub: 2 libraries asked about, 1 vulnerabilities",
    ]


def test_every_library_of_the_hub_is_asked_about() -> None:
    asked = read(audit.hub_requirements())
    for carried in lock.read().values():
        for each in carried.wheels:
            assert each.version == asked[each.name].version
            assert f"sha256:{each.sha256}" in asked[each.name].hashes


class Advisories(BaseHTTPRequestHandler):
    """A stand-in for osv.dev: of all libraries, joserfc has a vulnerability."""

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        package = query["package"]
        fixed = {"package": package, "ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "99"}]}]}
        known = {"id": "GHSA-1", "aliases": ["CVE-1"], "summary": "Bad.", "affected": [fixed]}
        said = {"vulns": [known]} if package["name"] == "joserfc" else {}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode("ascii"))

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def advisories() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Advisories)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    thread.join()
    server.server_close()


def test_both_lock_files_are_looked_up(
    advisories: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["-s", "osv", "--osv-url", advisories, "--cache-dir", str(tmp_path)]
    assert audit.main(options) == audit.VULNERABLE
    said = capsys.readouterr().out
    assert said.count("CVE-1, GHSA-1 (fixed in 99): Bad.") == 2
    locked = len(read(LOCK_FILE.read_text("utf-8")))
    assert f"portal: {locked} libraries asked about, 1 vulnerabilities" in said


def test_an_audit_that_gives_no_answer_is_told(tmp_path: Path) -> None:
    nowhere = ["-s", "osv", "--osv-url", "http://127.0.0.1:9/", "--cache-dir", str(tmp_path)]
    with pytest.raises(AuditFailed, match=r"127\.0\.0\.1"):
        audit.ask("idna==3.20 --hash=sha256:" + "0" * 64, nowhere)
