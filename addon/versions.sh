# Installed versions: which one counts, the switch to another, and clearing away what is left over.
# shellcheck shell=sh disable=SC2154  # the places are set by places.sh

# Name of the version that counts; nothing if there is none.
current_version() {
    [ ! -d "$CURRENT/addon" ] || basename "$(readlink "$CURRENT")"
}

# Point to versions/$1 as the next one. From here on the start script finishes a first
# installation that is cut; an update that is cut stays with the old version.
announce() {
    rm -f "$NEXT" && ln -s "versions/$1" "$NEXT"
} 2>/dev/null

# One rename. A busybox that does not know `mv -T` would move the link into the old version's
# folder: there it takes two steps, and the start script does the second if it is cut between.
switch() {
    mv -fT "$NEXT" "$CURRENT" 2>/dev/null && sync && return 0
    rm -f "$CURRENT" && mv -f "$NEXT" "$CURRENT" && sync
}

# Out of `versions/` in one step, so that no half version is ever in it; only then removed.
retire() {
    rm -rf "$OUTGOING" && mv "$1" "$OUTGOING" && rm -rf "$OUTGOING"
} 2>/dev/null

# What an interrupted installation left, and versions that do not count any more.
remove_leftovers() {
    rm -rf "$INCOMING" "$OUTGOING" "$NEXT" "$RC_SCRIPT.new" "$SNIPPET.new" "$MONIT_FILE.new"
    counts=$(current_version)
    [ -n "$counts" ] || return 0
    for version in "$VERSIONS"/*; do
        [ "$(basename "$version")" = "$counts" ] || retire "$version"
    done
} 2>/dev/null
