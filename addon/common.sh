# What all of the add-on's scripts need: words for the log, processes, one lock.
# shellcheck shell=sh disable=SC2154  # the places are set by places.sh

# Firmware programs that run this may have a short PATH.
PATH=$PATH:/usr/sbin:/sbin:/usr/bin:/bin

# Without syslog, early in the boot, it is lost.
note() {
    logger -t cloudmatic -- "$1" 2>/dev/null
}

# What went wrong, to the log and to whoever runs this.
say() {
    note "$1"
    echo "cloudmatic: $1" >&2
}

# When process $1 was started, in ticks since the boot; nothing if there is none or it is dead
# already. Number and time together name a process: numbers alone are used again.
born() {
    # What follows the name in brackets, which may hold blanks and brackets itself.
    fields=$(sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null) || return 0
    case "$fields" in
        '' | Z* | X*) ;;
        *) echo "$fields" | cut -d' ' -f20 ;;
    esac
}

# Whether "NUMBER.START" names a process that still runs.
lives() {
    case "$1" in
        [0-9]*.[0-9]*) [ "$(born "${1%%.*}")" = "${1#*.}" ] ;;
        *) false ;;
    esac
}

# One start, stop, installation or uninstallation at a time. A link is made in one step together
# with what it says, so there is no moment at which the holder is not known.
lock() {
    mkdir -p "$VAR_RUN" 2>/dev/null
    me="$$.$(born $$)"
    ! ln -s "$me" "$LOCK" 2>/dev/null || return 0
    holder=$(readlink "$LOCK") || return 1
    ! lives "$holder" || return 1
    # Left by a process that was killed. Of two that find it only one may clear it away.
    mv "$LOCK" "$LOCK.$$" 2>/dev/null || return 1
    cleared=$(readlink "$LOCK.$$")
    rm -f "$LOCK.$$"
    if [ "$cleared" != "$holder" ]; then
        ln -s "$cleared" "$LOCK" 2>/dev/null
        return 1
    fi
    ln -s "$me" "$LOCK" 2>/dev/null
}

unlock() {
    rm -f "$LOCK"
}

# As lock, for those that must get it: waits at most $1 seconds.
lock_within() {
    left=$(($1 * 10))
    while ! lock; do
        [ $left -gt 0 ] || return 1
        left=$((left - 1))
        a_moment
    done
}

a_moment() {
    usleep 100000 2>/dev/null || sleep 1
}

# Put the text on standard input in the place of file $1, mode $2, in one step; nothing is written
# if it is there already. Returns 1, with the old file as it was, if it cannot be written.
put() {
    text=$(cat && echo .) && text=${text%.}
    if [ -f "$1" ] && [ ! -L "$1" ] && printf %s "$text" | cmp -s - "$1"; then
        return 0
    fi
    rm -f "$1.new" && printf %s "$text" >"$1.new" && chmod "$2" "$1.new" && mv -f "$1.new" "$1" &&
        return 0
    rm -f "$1.new"
    return 1
} 2>/dev/null

# A text written for a hub, with its paths below ROOT.
below_root() {
    sed "s!\"/\(var\|etc\|usr\)/!\"$ROOT/\1/!g" "$1"
}

# mkdir -p that notes what it had to make, so that the uninstallation can take it away again.
make_folder() {
    [ ! -d "$1" ] || return 0
    make_folder "$(dirname "$1")" || return 1
    mkdir "$1" 2>/dev/null || return 1
    [ ! -d "$KEPT" ] || echo "$1" >>"$KEPT/folders"
}

remove_made_folders() {
    [ -f "$KEPT/folders" ] || return 0
    # The last made first; one that somebody else uses by now stays.
    made=$(sed '1!G;h;$!d' "$KEPT/folders")
    rm -rf "$KEPT"
    echo "$made" | while read -r folder; do
        rmdir "$folder" 2>/dev/null
    done
}
