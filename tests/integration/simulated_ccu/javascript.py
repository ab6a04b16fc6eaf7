"""Runs a page's script the way a browser would, in the Node.js that Playwright brings along."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import playwright

_NODE = Path(playwright.__file__).parent / "driver" / "node"
_HARNESS = """
const {script, ids} = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const elements = {};
for (const id of ids) elements[id] = {id, innerHTML: '', hidden: false, style: {display: 'none'}};
const document = {
  getElementById: id => elements[id] || null,
  querySelectorAll: () => Object.values(elements).filter(e => e.id.startsWith('btnAddOn_')),
};
let error = null;
try { require('vm').runInNewContext(script, {document}); } catch (e) { error = e.name; }
console.log(JSON.stringify({error, elements}));
"""


@dataclass(frozen=True)
class Outcome:
    """What the page looks like after its script ran, or failed with `error`."""

    error: str | None
    elements: dict[str, dict[str, object]]

    @property
    def table_is_shown(self) -> bool:
        """The table of buttons is hidden until the script's last line."""
        return self.elements["mainTable"]["style"] == {"display": ""}


def run_script_of(page: str) -> Outcome:
    """Run the page's inline script on its elements that have an id."""
    script = page.split("<script>", 1)[1].rsplit("</script>", 1)[0]
    ids = re.findall(r'id="([^"]+)"', page.split("<script>", 1)[0])
    finished = subprocess.run(
        [str(_NODE), "-e", _HARNESS],
        input=json.dumps({"script": script, "ids": ids}),
        capture_output=True,
        text=True,
        check=True,
    )
    return Outcome(**json.loads(finished.stdout))
