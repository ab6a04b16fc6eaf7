#!/bin/tclsh
# The one "CloudMatic" button in Systemsteuerung.
#
#   button.tcl take    the entry `mh` leads to the dashboard; made if there is none
#   button.tcl give    the entry leads to the firmware's own page again, or goes if there is none
#
# The firmware's entry is taken over instead of adding a second one, and the words
# "ID mh CONFIG_NAME CloudMatic" stay in this order: the firmware looks for them at each boot and
# writes its own entry anew if they are missing. Tcl 8.2 (eQ-3's CCU3): no dict, no lassign.

if {[info exists env(CCU_ROOT)]} { set root $env(CCU_ROOT) } else { set root "" }
set file $root/usr/local/etc/config/hm_addons.cfg

# Descriptions are pasted raw into a script of an ISO-8859-1 page: no apostrophe, no line break, no
# backslash, nothing beyond ASCII.
set texts {de {<li>CloudMatic-Zugang dieser Zentrale ansehen und buchen</li>} en {<li>See and book the CloudMatic access of this hub</li>}}

proc read_file {name} {
    if {![file exists $name]} { return "" }
    set channel [open $name r]
    fconfigure $channel -encoding iso8859-1 -translation binary
    set content [read $channel]
    close $channel
    return $content
}

proc replace_file {name content} {
    set new $name.cloudmatic
    set channel [open $new w]
    fconfigure $channel -encoding iso8859-1 -translation binary
    puts -nonewline $channel $content
    close $channel
    file rename -force $new $name
}

# Nobody can tell what a damaged list meant to say; it must not be made worse.
set entries [read_file $file]
if {[catch {llength $entries} length] || $length % 2 != 0} {
    puts stderr "cloudmatic: $file is no list of buttons; it is left as it is"
    exit 1
}

set kept {}
foreach {id entry} $entries {
    if {[string compare $id mh] != 0} { lappend kept $id $entry }
}
switch -- [lindex $argv 0] {
    take {
        set url /addons/cloudmatic/
        lappend kept mh [list CONFIG_URL $url CONFIG_DESCRIPTION $texts ID mh CONFIG_NAME CloudMatic]
    }
    give {
        if {[file isdirectory $root/opt/mh] && ![file exists $root/usr/local/etc/config/cloudmaticDisabled]} {
            set url /addons/mh/index.cgi
            lappend kept mh [list CONFIG_URL $url CONFIG_DESCRIPTION $texts ID mh CONFIG_NAME CloudMatic]
        }
    }
    default {
        puts stderr "usage: button.tcl take|give"
        exit 2
    }
}
# This runs at each boot, and the file lies on an SD card.
if {[string compare $kept $entries] != 0} { replace_file $file $kept }
