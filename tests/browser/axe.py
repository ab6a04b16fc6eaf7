"""axe-core, which looks for what keeps people out of a page (WCAG)."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

_FILE: Final = Path(__file__).parent / "vendor/axe-core/axe.min.js"
_SHA256: Final = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
_COLOURS: Final = ["color-contrast", "link-in-text-block"]
_RUN: Final = """async (rules) => {
    const options = {resultTypes: ["violations"], ...(rules && {runOnly: rules})};
    const found = await axe.run(document, options);
    return found.violations.map(({id, impact, help, nodes}) => ({
        id, impact, help, nodes: nodes.map(({html, failureSummary}) => html + " " + failureSummary),
    }));
}"""


def barriers(page: Page, *, colours_only: bool = False) -> list[str]:
    """What axe finds on `page` that is serious or critical, in its own words."""
    # Through the debugger, not as a script of the page: the page's CSP allows none.
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_source())
    found: list[dict[str, Any]] = page.evaluate(_RUN, _COLOURS if colours_only else None)
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: {each['nodes']}"
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]


@cache
def _source() -> str:
    source = _FILE.read_bytes()
    assert hashlib.sha256(source).hexdigest() == _SHA256, f"{_FILE} is another file than expected"
    return source.decode("utf-8")
