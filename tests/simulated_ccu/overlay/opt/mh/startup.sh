#!/bin/sh
# What the vendor's add-on does to its button and folders at each boot; no network, no VPN.

ROOT=$(cd "${0%/*}/../.." && pwd)
CONFIG=$ROOT/usr/local/etc/config

disabled() { [ -e "$CONFIG/cloudmaticDisabled" ]; }

# The vendor looks for these words side by side, so another order of keys counts as no button.
has_button() { grep -q 'ID mh CONFIG_NAME CloudMatic' "$CONFIG/hm_addons.cfg" 2>/dev/null; }

remove_traces() {
    "$ROOT/bin/tclsh" "$ROOT/opt/mh/button.tcl" remove
    rm -f "$CONFIG/addons/www/mh"
    [ -e "$CONFIG/addons/mh/client.key" ] || rm -rf "$CONFIG/addons/mh"
}

if disabled; then
    remove_traces
else
    [ -e "$CONFIG/addons/www/mh" ] || ln -s ../../../../../../opt/mh/www "$CONFIG/addons/www/mh"
    has_button || "$ROOT/bin/tclsh" "$ROOT/opt/mh/button.tcl" add
fi
