"""What starting a command costs."""

from __future__ import annotations

import subprocess
import sys

FOR_DOCUMENTS = ("facturx", "fontTools", "fpdf", "pypdf", "requests")


def test_a_command_that_writes_no_document_loads_nothing_for_it() -> None:
    script = "import sys, cloudmatic_portal.cli; print(*sorted(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in ran.stdout.split()}
    assert loaded & set(FOR_DOCUMENTS) == set()
    assert "sqlalchemy" in loaded
