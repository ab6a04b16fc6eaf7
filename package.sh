#!/bin/sh
# Builds the add-on's archive for the upload page of a hub, its own Python included:
#   ./package.sh [armv7l|aarch64|x86_64|all]   dist/cloudmatic-ccu-<version>-<processor>.tar.gz
#       --report                               and what each step saves
#   ./package.sh lock [hub|portal]             look up newer packages; then review and commit
#   ./package.sh audit                         what is known to be vulnerable among the locked ones
#   ./package.sh layout FOLDER PYTHON          the add-on for a Python that is already there
# Sets up everything it needs by itself (Debian 12; as root it installs what is missing).
set -eu

HERE=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=build/prepare.sh
. "$HERE/build/prepare.sh"

main() {
    case "${1:-}" in
        layout)
            shift
            layout "$@"
            ;;
        lock)
            shift
            lock "$@"
            ;;
        audit)
            shift
            need_packages python3=python3 python:ensurepip=python3-venv
            need_python packaging
            tool audit "$@"
            ;;
        *) archive "$@" ;;
    esac
}

# The hub's lock is for the archive, the portal's for whoever installs the portal.
lock() {
    whose=both
    case "${1:-}" in
        hub | portal)
            whose=$1
            shift
            ;;
    esac
    [ "$whose" = portal ] || (archive lock "$@")
    [ "$whose" = hub ] || {
        need_packages python3=python3 python:ensurepip=python3-venv
        need_python packaging
        tool portal_lock
    }
}

archive() {
    need_packages python3=python3 python:ensurepip=python3-venv git=git gzip=gzip \
        apt-get=apt dpkg-deb=dpkg \
        arm-linux-gnueabihf-strip=binutils-arm-linux-gnueabihf \
        aarch64-linux-gnu-strip=binutils-aarch64-linux-gnu \
        x86_64-linux-gnu-strip=binutils-x86-64-linux-gnu
    need_python packaging
    tool ccu_tarball "$@"
}

tool() {
    PYTHONPATH=$HERE/build PYTHONDONTWRITEBYTECODE=1 exec "$VENV/bin/python" -m "$@"
}

# FOLDER gets what lies on the hub beside the program, and a start of PYTHON (which has our
# packages installed). The demo and the tests install this into the simulated hub.
layout() {
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
    echo "usage: $0 layout FOLDER PYTHON" >&2
    exit 2
}

main "$@"
