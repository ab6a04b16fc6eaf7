#!/bin/sh
# Lays out what goes into the add-on's archive, in the folder given:
#   ./package.sh [layout] FOLDER PYTHON
# PYTHON is the interpreter that runs the add-on there (with our packages installed). The archive
# that brings its own interpreter to a real hub is laid out the same.
set -eu

HERE=$(cd "$(dirname "$0")" && pwd)

main() {
    [ "${1:-}" != layout ] || shift
    [ $# -eq 2 ] || usage
    folder=$1 python=$2
    tree=$folder/cloudmatic
    mkdir -p "$tree/bin"
    cp -a "$HERE/addon" "$HERE/www" "$HERE/rc.d" "$tree/"
    mv "$tree/addon/update_script" "$folder/update_script"
    sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$HERE/cloudmatic_link/__init__.py" >"$tree/VERSION"
    uname -m >"$tree/ARCH"
    launcher "$python" "-m ccu_dashboard " >"$tree/bin/ccu-dashboard"
    launcher "$python" "" >"$tree/bin/python"
    chmod 755 "$folder/update_script" "$tree/rc.d/cloudmatic" "$tree/bin/ccu-dashboard" "$tree/bin/python"
    (cd "$folder" && find cloudmatic -type f -print0 | sort -z | xargs -0 sha256sum >cloudmatic.sha256)
}

launcher() {
    printf '#!/bin/sh\nexec "%s" %s"$@"\n' "$1" "$2"
}

usage() {
    echo "usage: $0 [layout] FOLDER PYTHON" >&2
    exit 2
}

main "$@"
