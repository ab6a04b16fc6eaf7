"""The operator's command for legal texts: which are in force, and what orders were made under."""

from __future__ import annotations

import argparse
from typing import Any

from cloudmatic_portal.app import make_legal
from cloudmatic_portal.cli.listing import add_json, as_json
from cloudmatic_portal.domain.legal import LegalTexts, TermsVersion, file_name
from cloudmatic_portal.services import legal
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import formats


def add_commands(commands: Any) -> None:
    """Add the command to argparse's `commands`."""
    listing = commands.add_parser(
        "legal-texts", help="legal texts in force, and the versions that orders were made under"
    )
    add_json(listing)
    listing.set_defaults(operate=_list)


async def _list(database: Database, options: argparse.Namespace) -> str:
    texts = await make_legal(options.settings).texts()
    versions = await legal.versions(database, texts)
    if options.json:
        return as_json({"files": _files(texts), "versions": list(map(_facts, versions))})
    files = "".join(map(_file_line, _files(texts)))
    missing = "".join(f"{file_name((each, 'de'))}  is missing\n" for each in texts.missing)
    return files + missing + ("".join(map(_line, versions)) or "no versions\n")


def _files(texts: LegalTexts) -> list[dict[str, Any]]:
    return [
        {
            "file": file_name(file),
            "text": file[0],
            "language": file[1],
            "written_at": texts.written.get(file),
            "sample": file in texts.samples,
        }
        for file in texts.texts
    ]


def _file_line(file: dict[str, Any]) -> str:
    written = file["written_at"]
    since = "–" if written is None else formats.moment(written, "de")
    return f"{file['file']}  {since}{'  sample' if file['sample'] else ''}\n"


def _facts(version: TermsVersion) -> dict[str, Any]:
    return {
        "version": version.version,
        "in_force": list(version.languages),
        "laid_down_at": version.laid_down_at,
        "first_used_at": version.first_used_at,
        "last_used_at": version.last_used_at,
        "orders": version.orders,
    }


def _line(version: TermsVersion) -> str:
    state = f"in force ({', '.join(version.languages)})" if version.languages else "former"
    first, last = version.first_used_at, version.last_used_at
    used = (
        f"{formats.moment(first, 'de')} – {formats.moment(last, 'de')}" if first and last else "–"
    )
    return f"{version.version}  {state}  {used}  {version.orders} orders\n"
