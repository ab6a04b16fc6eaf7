"""Every field for a password, in the templates of the portal."""

from __future__ import annotations

import re
from pathlib import Path

import cloudmatic_portal

TEMPLATES = Path(cloudmatic_portal.__file__).parent / "templates"
INPUT = re.compile(r"<input\b[^>]*>")
NAMED = re.compile(r'\bname="(password|current)"')


def test_passwords_are_masked_and_may_be_pasted() -> None:
    fields = [
        field
        for template in TEMPLATES.rglob("*.html")
        for field in INPUT.findall(template.read_text("utf-8"))
        if NAMED.search(field)
    ]
    assert len(fields) >= 3
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
        assert 'maxlength="1024"' in field or "maxlength" not in field
        assert "onpaste" not in field
