"""What comes from the checkout: our two packages, the hub's scripts, the static pages."""

from __future__ import annotations

import re
import runpy
import shutil
from pathlib import Path
from typing import Final

from ccu_tarball.tree import Tree

REPOSITORY: Final = Path(__file__).resolve().parent.parent.parent
OUR_PACKAGES: Final = ("ccu_dashboard", "cloudmatic_link")
_HUB_FOLDERS: Final = ("addon", "rc.d", "www")
_UPDATE_SCRIPT: Final = "update_script"
# The marker of typed packages means nothing to a running program.
_LEFT_BEHIND: Final = shutil.ignore_patterns(
    "__pycache__", "*.pyc", "*.po", "*.mo", "py.typed", ".*", "*~", "*.orig", "*.rej"
)


def version() -> str:
    """Return the version of this checkout."""
    text = (REPOSITORY / "cloudmatic_link" / "__init__.py").read_text("utf-8")
    return str(re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)[0])


def installed_at() -> str:
    """Return the folder on the hub that the tree is copied to; a link leads there."""
    return f"/usr/local/addons/cloudmatic/versions/{version()}"


def lay_packages(tree: Tree) -> None:
    """Copy our packages, with catalogues compiled from their sources now."""
    catalogues = runpy.run_path(str(REPOSITORY / "build" / "catalogues.py"))
    for package in OUR_PACKAGES:
        shutil.copytree(REPOSITORY / package, tree.packages / package, ignore=_LEFT_BEHIND)
        source = catalogues["catalogue_file"](package)
        if source.exists():
            place = tree.packages / package / source.relative_to(REPOSITORY / package)
            place.parent.mkdir(parents=True, exist_ok=True)
            catalogues["compile_file"](source, place.with_suffix(".mo"))


def lay_hub_files(tree: Tree, archive_root: Path) -> None:
    """Copy the hub's scripts and pages, and what tells them which tree this is."""
    for folder in _HUB_FOLDERS:
        shutil.copytree(REPOSITORY / folder, tree.root / folder, ignore=_LEFT_BEHIND)
    shutil.move(tree.root / "addon" / _UPDATE_SCRIPT, archive_root / _UPDATE_SCRIPT)
    (tree.root / "VERSION").write_text(version() + "\n", "ascii")
    (tree.root / "ARCH").write_text(tree.architecture.name + "\n", "ascii")
