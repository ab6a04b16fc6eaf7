"""The gettext catalogues of both packages: `compile`, `update` (from the sources) or `check`.

setup.py compiles them at every installation, so that a checkout or a wheel never lacks them;
this tool is for whoever changes a sentence. Sentences in the code are English; the German ones
stand in `<package>/locale/de/LC_MESSAGES/messages.po`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("ccu_dashboard", "cloudmatic_portal")
METHODS = [("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2"), ("**.py", "python")]
OPTIONS = {each: {"trimmed": "false", "newstyle_gettext": "true"} for each, _ in METHODS[:2]}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}


def catalogue_file(package: str) -> Path:
    return ROOT / package / "locale" / "de" / "LC_MESSAGES" / "messages.po"


def compile_all() -> None:
    """Write each messages.mo beside its messages.po."""
    for package in PACKAGES:
        file = catalogue_file(package)
        if file.exists():
            compile_file(file, file.with_suffix(".mo"))


def compile_file(source: Path, compiled: Path) -> None:
    """Write what a program reads from what people write."""
    with compiled.open("wb") as stream:
        write_mo(stream, _read(source))


def _without_dates(catalogue: Catalog, package: str) -> None:
    """Dates in the header would make every update a change."""
    catalogue.project, catalogue.version = package, ""
    catalogue.header_comment = f"# German catalogue of {package}."
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 11, 23, tzinfo=UTC)
    catalogue.last_translator = catalogue.language_team = ""
    catalogue.fuzzy = False


def update() -> None:
    """Bring the .po files in line with the sources; new sentences come without translation."""
    for package in PACKAGES:
        file = catalogue_file(package)
        catalogue = _read(file) if file.exists() else Catalog("de", charset="utf-8")
        catalogue.update(_template(package), no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        _without_dates(catalogue, package)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as stream:
            write_po(
                stream,
                catalogue,
                width=100,
                sort_output=True,
                no_location=True,
                omit_header=False,
                ignore_obsolete=True,
            )


def problems() -> Iterator[str]:
    """Yield what is missing, left over or at odds between sources and catalogues."""
    for package in PACKAGES:
        wanted = {message.id for message in _template(package) if message.id}
        catalogue = _read(catalogue_file(package))
        known = {message.id: message for message in catalogue if message.id}
        yield from (f"{package}: not in the catalogue: {each!r}" for each in wanted - known.keys())
        yield from (f"{package}: no longer used: {each!r}" for each in known.keys() - wanted)
        for message in known.values():
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            if message.fuzzy or not all(strings):
                yield f"{package}: not translated: {message.id!r}"
            yield from (f"{package}: {message.id!r}: {error}" for error in message.check(catalogue))


def _template(package: str) -> Catalog:
    template = Catalog(charset="utf-8")
    found = extract_from_dir(
        ROOT / package, METHODS, OPTIONS, keywords=KEYWORDS, comment_tags=("Translators:",)
    )
    for _file, _line, message, comments, context in found:
        template.add(message, auto_comments=comments, context=context)
    return template


def _read(file: Path) -> Catalog:
    with file.open("rb") as stream:
        return read_po(stream, locale="de", charset="utf-8")


def main(arguments: list[str]) -> int:
    match arguments:
        case ["compile"]:
            compile_all()
        case ["update"]:
            update()
            compile_all()
        case ["check"]:
            found = list(problems())
            print("\n".join(found) or "catalogues complete")
            return 1 if found else 0
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
