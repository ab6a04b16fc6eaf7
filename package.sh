#!/bin/sh
# Lays out what goes into the add-on's archive, in the folder given:
#   ./package.sh FOLDER PYTHON
# PYTHON is the interpreter that runs the add-on there (with our packages installed). The archive
# that brings its own interpreter to a real hub is built on top of this.
set -eu

HERE=$(cd "$(dirname "$0")" && pwd)

main() {
    [ $# -eq 2 ] || usage
    folder=$1 python=$2
    mkdir -p "$folder/bin"
    cp -a "$HERE/addon" "$HERE/www" "$HERE/rc.d" "$folder/"
    mv "$folder/addon/update_script" "$folder/update_script"
    sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$HERE/cloudmatic_link/__init__.py" >"$folder/VERSION"
    printf '#!/bin/sh\nexec "%s" -m ccu_dashboard "$@"\n' "$python" >"$folder/bin/ccu-dashboard"
    chmod 755 "$folder/update_script" "$folder/rc.d/cloudmatic" "$folder/bin/ccu-dashboard"
}

usage() {
    echo "usage: $0 FOLDER PYTHON" >&2
    exit 2
}

main "$@"
