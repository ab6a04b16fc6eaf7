# Our part of lighttpd's configuration, and the relay where there can be none.
# shellcheck shell=sh disable=SC2154  # the places are set by places.sh

TRIAL=$VAR_RUN/cloudmatic.lighttpd

# Decide how the pages get out: through our part of lighttpd's configuration if it reads such parts
# and takes ours, else through the relay (index.cgi). Sets RELAY (yes or empty) and URL.
# An error in any part stops lighttpd and with it the WebUI: ours is tried on a copy first.
arrange_web_server() {
    RELAY=yes
    if lay_trial; then
        below_root "$CURRENT/addon/lighttpd.conf" >"$TRIAL/snippets/cloudmatic.conf"
        if trial_passes; then
            place_snippet && RELAY=
        else
            refuse_snippet
        fi
    else
        remove_snippet
    fi
    rm -rf "$TRIAL"
    # shellcheck disable=SC2034  # for process.sh
    case "$RELAY" in
        yes) URL=/addons/cloudmatic/index.cgi/ ;;
        *) URL=/addons/cloudmatic/ ;;
    esac
}

# A copy of the configuration that reads copies of the add-ons' parts, without ours. Returns 1 if
# it would not read them at all.
lay_trial() {
    rm -rf "$TRIAL"
    [ -r "$LIGHTTPD_CONF" ] && mkdir -p "$TRIAL/snippets" && cp -r "${LIGHTTPD_CONF%/*}/." "$TRIAL/" ||
        return 1
    for part in "$SNIPPETS"/*.conf; do
        [ "$part" = "$SNIPPET" ] || [ ! -e "$part" ] || cp "$part" "$TRIAL/snippets/"
    done
    find "$TRIAL" -name '*.conf' -exec sed -i \
        -e "/^[[:space:]]*include/s!\([\" ]\)/[^\" ]*etc/config/lighttpd/!\1$TRIAL/snippets/!" \
        -e "/^[[:space:]]*include/s!\"$ROOT/etc/lighttpd/!\"$TRIAL/!" {} \;
    grep -r "^[[:space:]]*include" "$TRIAL" | grep -q "$TRIAL/snippets/"
} 2>/dev/null

trial_passes() {
    lighttpd -tt -f "$TRIAL/lighttpd.conf" >"$TRIAL/said" 2>&1
}

place_snippet() {
    before=$(cat "$SNIPPET" 2>/dev/null)
    make_folder "$SNIPPETS"
    if ! put "$SNIPPET" 644 <"$TRIAL/snippets/cloudmatic.conf"; then
        say "our part of lighttpd's configuration cannot be written; the pages go through the relay"
        return 1
    fi
    [ "$before" = "$(cat "$SNIPPET")" ] || reload_web_server_later
}

# Whose fault is it? Ours must not stay; with another's, ours does not come in addition.
refuse_snippet() {
    said=$(grep -v '^$' "$TRIAL/said" | head -n 1)
    rm -f "$TRIAL/snippets/cloudmatic.conf"
    if trial_passes; then
        say "lighttpd does not take our part of its configuration, the pages go through the relay: $said"
        remove_snippet
    else
        say "lighttpd's configuration is broken, not by us, the pages go through the relay: $said"
    fi
}

remove_snippet() {
    [ -e "$SNIPPET" ] || return 0
    rm -f "$SNIPPET" && reload_web_server_later
} 2>/dev/null

web_server_runs() {
    [ -r "$LIGHTTPD_PID" ] && kill -0 "$(cat "$LIGHTTPD_PID")"
} 2>/dev/null

# In the background: the answer to an upload, or to "Deinstallieren", still travels through
# lighttpd. And only with a configuration that it takes: else it would be gone, and with it the
# WebUI.
reload_web_server_later() {
    web_server_runs && [ -x "$LIGHTTPD_INIT" ] || return 0
    (
        if grep -q 'reload' "$LIGHTTPD_INIT"; then
            sleep 2
            how=reload
        else
            # It drops connections.
            sleep 5
            how=restart
        fi
        if lighttpd -tt -f "$LIGHTTPD_CONF"; then
            "$LIGHTTPD_INIT" $how
        fi
    ) </dev/null >/dev/null 2>&1 &
}
