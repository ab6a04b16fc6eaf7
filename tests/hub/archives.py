"""Archives to install: the developer's layout with a stand-in for the service.

Where no Python can be (a chroot with a hub's programs only) or none is needed, `bin/ccu-dashboard`
is a few lines of shell that let a second lighttpd answer on the service's socket. All else is the
real thing. With `--archive` (or CLOUDMATIC_ARCHIVE) the same tests run with a real archive.
"""

from __future__ import annotations

import hashlib
import subprocess
import tarfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
_EXECUTABLE = 0o755

STAND_IN = """\
#!/bin/sh
# Stands for the service in tests: lighttpd answers in its place, with the version in the page.
ROOT=${CCU_ROOT:-}
RUN=$ROOT/var/run/cloudmatic
VERSION=$(cat "${0%/*}/../VERSION")
case "$1" in
    --version) echo "$VERSION"; exit ;;
    serve) ;;
    *) exit 2 ;;
esac
for place in addons/cloudmatic addons/cloudmatic/index.cgi; do
    mkdir -p "$RUN/pages/$place"
    echo "<link href=\\"dashboard.css?v=$VERSION\\">" >"$RUN/pages/$place/index.html"
done
rm -f "$RUN/dashboard.sock"
cat >"$RUN/stand-in.conf" <<END
server.document-root = "$RUN/pages"
server.bind = "$RUN/dashboard.sock"
index-file.names = ( "index.html" )
mimetype.assign = ( ".html" => "text/html" )
END
if [ "${2:-}" = --relay ]; then
    port=$((20000 + $$ % 12000))
    echo "\\$SERVER[\\"socket\\"] == \\"127.0.0.1:$port\\" { }" >>"$RUN/stand-in.conf"
    echo $port >"$RUN/relay.port"
fi
echo "stand-in $VERSION serves"
exec lighttpd -D -f "$RUN/stand-in.conf"
"""


def lay_stand_in(
    folder: Path, version: str, *, program: str = STAND_IN, files: int = 60, arch: str | None = None
) -> Path:
    """Lay out an archive in `folder`; `files` of 16 KB each make its library."""
    command = [str(REPOSITORY / "package.sh"), "layout", str(folder), "/bin/false"]
    subprocess.run(command, check=True)
    tree = folder / "cloudmatic"
    (tree / "VERSION").write_text(f"{version}\n", "ascii")
    if arch is not None:
        (tree / "ARCH").write_text(f"{arch}\n", "ascii")
    (tree / "bin/ccu-dashboard").write_text(program, "ascii")
    (tree / "lib").mkdir()
    for number in range(files):
        seed = hashlib.sha256(f"{version}-{number}".encode()).digest()
        (tree / f"lib/{number}").write_bytes(seed * 512)
    seal(folder)
    return folder


def seal(folder: Path) -> None:
    """Write the checksums anew."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n"
        for path in sorted((folder / "cloudmatic").rglob("*"))
        if path.is_file()
    ]
    (folder / "cloudmatic.sha256").write_text("".join(lines), "ascii")


def pack(folder: Path, archive: Path) -> Path:
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, path.name)
    return archive


def stand_in(folder: Path, version: str, **layout: object) -> Path:
    """A packed archive of `version`."""
    lay_stand_in(folder / f"layout-{version}", version, **layout)  # type: ignore[arg-type]
    return pack(folder / f"layout-{version}", folder / f"{version}.tar.gz")


def content_of(archive: Path) -> dict[str, str]:
    """File below `cloudmatic/` -> SHA-256 of its bytes."""
    found = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            stream = tar.extractfile(member) if member.isfile() else None
            name = member.name.removeprefix("./")
            if stream is not None and name.startswith("cloudmatic/"):
                digest = hashlib.sha256(stream.read()).hexdigest()
                found[name.removeprefix("cloudmatic/")] = digest
    return found


def version_of(archive: Path) -> str:
    with tarfile.open(archive) as tar:
        names = {member.name.removeprefix("./"): member for member in tar}
        stream = tar.extractfile(names["cloudmatic/VERSION"])
        assert stream is not None
        return stream.read().decode("ascii").strip()
