"""The archive as a file: what the firmware checks, what it must not hold, the same bytes again."""

from __future__ import annotations

import ast
import json
import subprocess
import tarfile
from pathlib import Path

import pytest

from ccu_tarball import lock, own
from ccu_tarball.build import PACKED_LIMIT, UNPACKED_LIMIT, commit_time
from tests.packaging.conftest import build_archive
from tests.packaging.unpacked import Unpacked, unpack

_IMPORT_ALL = """
import importlib, os, sys
stdlib, dynload, packages = sys.path
failed = []
for place in (stdlib, packages):
    for folder, _, files in os.walk(place):
        if folder == dynload or "__pycache__" in folder:
            continue
        for file in files:
            name, _, kind = os.path.relpath(os.path.join(folder, file), place).partition(".")
            module = name.replace("/", ".").removesuffix(".__init__")
            if not kind.endswith(("py", "pyc", "so")) or module.endswith("__main__"):
                continue
            try:
                importlib.import_module(module)
            except Exception as error:
                failed.append(f"{module}: {error}")
print(*failed, sep="\\n")
"""
_PLACES = """
import marshal, sys
for file in sys.argv[1:]:
    with open(file, "rb") as stream:
        print(marshal.loads(stream.read()[16:]).co_filename)
"""


@pytest.fixture(scope="module")
def here(archive: Path, packaging_folder: Path) -> Unpacked:
    return unpack(archive, packaging_folder / "looked at", "x86_64")


def test_the_same_commit_gives_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    again = build_archive("x86_64", tmp_path / "another work", tmp_path / "another dist")
    assert again.read_bytes() == archive.read_bytes()


def test_a_hub_can_take_it(hub_archive: tuple[str, Path]) -> None:
    architecture, file = hub_archive
    assert file.name == f"cloudmatic-ccu-{own.version()}-{architecture}.tar.gz"
    assert file.stat().st_size <= PACKED_LIMIT
    with tarfile.open(file) as content:
        assert sum(entry.size for entry in content) <= UNPACKED_LIMIT


def test_it_says_nothing_about_who_built_it_and_when(archive: Path) -> None:
    with tarfile.open(archive) as content:
        entries = content.getmembers()
    assert {(entry.uid, entry.gid, entry.uname, entry.gname) for entry in entries} == {
        (0, 0, "", "")
    }
    assert {entry.mtime for entry in entries} == {commit_time()}
    assert {entry.mode for entry in entries} == {0o644, 0o755}
    assert all(entry.isfile() or entry.isdir() for entry in entries)
    assert archive.read_bytes()[3:9] == bytes(5) + b"\x02"  # gzip: no name, no time, -9


def test_the_firmware_finds_what_it_looks_for(here: Unpacked) -> None:
    assert sorted(path.name for path in here.folder.iterdir()) == [
        "cloudmatic",
        "cloudmatic.sha256",
        "update_script",
    ]
    assert (here.folder / "update_script").stat().st_mode & 0o111
    names = {path.name for path in here.tree.iterdir()}
    assert names == {
        *("ARCH", "VERSION", "addon", "bin", "lib", "licenses", "rc.d", "sbom.cdx.json", "www")
    }
    assert (here.tree / "ARCH").read_text("ascii") == "x86_64\n"
    assert (here.tree / "VERSION").read_text("ascii") == f"{own.version()}\n"


def test_the_firmwares_check_covers_every_file(archive: Path, tmp_path: Path) -> None:
    copy = unpack(archive, tmp_path / "copy", "x86_64")
    check = ["busybox", "sha256sum", "-sc", "cloudmatic.sha256"]
    assert subprocess.run(check, cwd=copy.folder, check=False).returncode == 0
    listed = (copy.folder / "cloudmatic.sha256").read_text("utf-8").splitlines()
    files = {path for path in copy.folder.rglob("*") if path.is_file()}
    assert {copy.folder / line[66:] for line in listed} == files - {
        copy.folder / "cloudmatic.sha256"
    }
    (copy.lib / "packages/certifi/cacert.pem").write_text("", "ascii")
    assert subprocess.run(check, cwd=copy.folder, check=False).returncode != 0


def test_only_what_the_hub_runs_is_in_it(here: Unpacked) -> None:
    assert (here.lib / "packages/ccu_dashboard/locale/de/LC_MESSAGES/messages.mo").exists()
    assert not (here.lib / "packages/cloudmatic_portal").exists()
    kinds = {path.suffix for path in here.tree.rglob("*") if path.is_file()}
    assert not kinds & {".po", ".pyi", ".c", ".h", ".whl", ".deb"}
    sources = {path.relative_to(here.lib / "packages").parts[0] for path in here.lib.rglob("*.py")}
    assert sources == set(own.OUR_PACKAGES)


def test_every_carried_module_can_be_imported(here: Unpacked) -> None:
    assert here.python(_IMPORT_ALL).strip() == ""


def test_every_import_of_ours_is_answered(here: Unpacked) -> None:
    """Also those inside functions, which importing a module does not try."""
    modules = sorted(
        {
            module
            for package in own.OUR_PACKAGES
            for file in (own.REPOSITORY / package).rglob("*.py")
            for module in _imported(file)
        }
    )
    here.python(f"import importlib\nfor name in {modules!r}: importlib.import_module(name)")


def test_bytecode_is_for_its_place_on_the_hub(here: Unpacked) -> None:
    place = f"{own.installed_at()}/lib"
    ours = here.lib / "packages/ccu_dashboard/__pycache__/cli.cpython-311.pyc"
    others = here.lib / "python3.11/argparse.pyc"
    done = here.run("-c", _PLACES, str(ours), str(others), program="bin/python")
    assert done.stdout.splitlines() == [
        f"{place}/packages/ccu_dashboard/cli.py",
        f"{place}/python3.11/argparse.py",
    ]
    compiled = list(here.lib.rglob("*.pyc"))
    assert len(compiled) > 500
    # PEP 552: hash-based, and never compared with a source.
    assert {file.read_bytes()[4:8] for file in compiled} == {b"\x01\x00\x00\x00"}


def test_running_it_leaves_the_tree_as_it_is(here: Unpacked) -> None:
    before = sorted(here.tree.rglob("*"))
    assert here.run("--version").returncode == 0
    assert sorted(here.tree.rglob("*")) == before


def test_components_are_listed_with_their_licences(hub_archive: tuple[str, Path]) -> None:
    architecture, file = hub_archive
    with tarfile.open(file) as content:
        listed = content.extractfile("cloudmatic/sbom.cdx.json")
        assert listed is not None
        components = json.load(listed)
        names = set(content.getnames())
    assert (components["bomFormat"], components["specVersion"]) == ("CycloneDX", "1.6")
    carried = lock.read()[architecture]
    found = {(each["name"], each["version"]) for each in components["components"]}
    assert {(wheel.name, wheel.version) for wheel in carried.wheels} <= found
    assert {"libc6", "libssl3", "python3.11-minimal"} <= {name for name, _ in found}
    for each in components["components"]:
        kind = "debian" if each["purl"].startswith("pkg:deb/") else "python"
        assert f"cloudmatic/licenses/{kind}/{each['name']}" in names
    (cryptography,) = (c for c in components["components"] if c["name"] == "cryptography")
    assert cryptography["components"][0]["name"] == "openssl"


def _imported(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found - {"__future__"}
