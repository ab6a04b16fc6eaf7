"""`bin/python` and `bin/ccu-dashboard`: start the carried interpreter from wherever the tree lies.

The interpreter is started through the carried loader, so that the C library of the hub does not
matter. `sys.executable` is `bin/python` itself, so that a child process starts the same way.
"""

from __future__ import annotations

from typing import Final

from ccu_tarball.tree import Tree

_TEXT: Final = """\
#!/bin/sh
# {title}
# What the hub's environment says about libraries and Python is meant for other programs. Whoever
# checks a certificate here names the carried list; OpenSSL's default list is empty, since aiohttp
# would read it at each start for nothing (60 ms, 1.6 MB).
program=$(readlink -f "$0" 2>/dev/null) || program=$0
home=$(cd "${{program%/*}}/.." && pwd -P)
unset LD_LIBRARY_PATH LD_PRELOAD
export MALLOC_ARENA_MAX=1 OPENSSL_CONF=/dev/null SSL_CERT_FILE=/dev/null SSL_CERT_DIR=/dev/null
export PYTHONTZPATH="$home/lib/packages/tzdata/zoneinfo"
exec "$home/lib/{loader}" --inhibit-cache --library-path "$home/lib" \\
    --argv0 "$home/bin/python" "$home/lib/python3" -X utf8 {arguments}"$@"
"""


def write(tree: Tree) -> None:
    """Write both launchers, and the file that fixes where modules come from."""
    folder = tree.root / "bin"
    folder.mkdir()
    for name, title, arguments in (
        ("python", "The add-on's own Python.", ""),
        ("ccu-dashboard", "The dashboard: serve, status, link, doctor.", "-m ccu_dashboard "),
    ):
        file = folder / name
        text = _TEXT.format(title=title, loader=tree.architecture.loader, arguments=arguments)
        file.write_text(text, "ascii")
        file.chmod(0o755)
    # Read by the interpreter: sys.path is this and nothing else, whatever the environment says.
    places = (tree.stdlib.name, f"{tree.stdlib.name}/lib-dynload", tree.packages.name)
    paths = "".join(f"../lib/{place}\n" for place in places)
    (folder / "python._pth").write_text(paths, "ascii")
