"""The list of components in the archive, as CycloneDX 1.6 in JSON."""

from __future__ import annotations

import email.parser
import json
import re
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from ccu_tarball import licences, own
from ccu_tarball.lock import Locked
from ccu_tarball.tree import Tree

_OPENSSL: Final = re.compile(rb"OpenSSL (\d+\.\d+\.\d+) \d+ [A-Z][a-z]{2} \d{4}")
_NAMESPACE: Final = uuid.UUID("6f0d6e4c-0b52-4f0c-9a0e-5a4c0f6f7b11")
Component = dict[str, Any]


def wheel_components(tree: Tree, wheels: Iterable[Locked]) -> list[Component]:
    """Describe each wheel; to be called while their descriptions are still there."""
    return [_wheel(tree, each) for each in wheels]


def debian_components(tree: Tree, packages: Iterable[Locked]) -> list[Component]:
    """Describe each Debian package."""
    return [
        {
            "type": "library",
            "name": each.name,
            "version": each.version,
            "purl": f"pkg:deb/debian/{quote(each.name, safe='')}@{quote(each.version, safe='')}"
            f"?arch={tree.architecture.debian}&distro=debian-12",
            "hashes": _hashes(each),
            "licenses": [{"license": {"name": f"see licenses/debian/{each.name}"}}],
        }
        for each in packages
    ]


def write(tree: Tree, components: Iterable[Component], made_at: int) -> None:
    """Write the list: the same bytes for the same content, so no random number and no clock."""
    listed = [{**each, "bom-ref": each["purl"]} for each in components]
    listed.sort(key=lambda each: str(each["bom-ref"]))
    name = f"cloudmatic-ccu-{own.version()}-{tree.architecture.name}"
    top = f"pkg:generic/cloudmatic-ccu@{own.version()}?arch={tree.architecture.name}"
    content = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, f'{name}@{made_at}')}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(made_at, UTC).isoformat().replace("+00:00", "Z"),
            "component": {
                "type": "application",
                "bom-ref": top,
                "name": "cloudmatic-ccu",
                "version": own.version(),
                "purl": top,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
        },
        "components": listed,
        "dependencies": [{"ref": top, "dependsOn": [each["bom-ref"] for each in listed]}],
    }
    (tree.root / "sbom.cdx.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def _wheel(tree: Tree, wheel: Locked) -> Component:
    description = licences.description_folder(tree, wheel) / "METADATA"
    fields = email.parser.Parser().parsestr(description.read_text("utf-8"), headersonly=True)
    component: Component = {
        "type": "library",
        "name": wheel.name,
        "version": wheel.version,
        "purl": f"pkg:pypi/{wheel.name}@{wheel.version}",
        "hashes": _hashes(wheel),
        "licenses": [_licence(fields["License-Expression"], fields["License"], wheel)],
    }
    if contained := _contained_openssl(tree.packages / wheel.name):
        component["components"] = [contained]
    return component


def _licence(expression: str | None, text: str | None, wheel: Locked) -> Component:
    if expression:
        return {"expression": expression}
    named = text if text and "\n" not in text else f"see licenses/python/{wheel.name}"
    return {"license": {"name": named}}


def _hashes(locked: Locked) -> list[Component]:
    return [{"alg": "SHA-256", "content": locked.sha256}]


def _contained_openssl(package: Path) -> Component | None:
    """An OpenSSL linked into a compiled part is a component that somebody has to watch."""
    for file in sorted(package.rglob("*.so")):
        if found := _OPENSSL.search(file.read_bytes()):
            version = found[1].decode("ascii")
            purl = f"pkg:generic/openssl@{version}"
            return {
                "type": "library",
                "bom-ref": purl,
                "name": "openssl",
                "version": version,
                "purl": purl,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
    return None
