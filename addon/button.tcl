#!/bin/tclsh
# The one "CloudMatic" button in Systemsteuerung.
#
#   button.tcl take URL    the entry `mh` leads to URL on this hub; made if there is none
#   button.tcl give        the entry is again what it was before, byte for byte
#
# The firmware's entry is taken over instead of adding a second one, and the words
# "ID mh CONFIG_NAME CloudMatic" stay in this order: the firmware looks for them at each boot and
# writes its own entry anew if they are missing. The list belongs to all add-ons: only the
# characters of our entry are replaced, the rest is never taken apart and quoted anew.
# Tcl 8.2 (eQ-3's CCU3): no dict, no lassign, no `eq`, no {*}.

if {[info exists env(CCU_ROOT)]} { set root $env(CCU_ROOT) } else { set root "" }
set file $root/usr/local/etc/config/hm_addons.cfg
set kept $root/usr/local/addons/cloudmatic/kept/button
set lock $root/var/run/cloudmatic.button

# Descriptions are pasted raw into a script of an ISO-8859-1 page: no apostrophe, no line break, no
# backslash, nothing beyond ASCII.
set texts {de {<li>CloudMatic-Zugang dieser Zentrale ansehen und buchen</li>} en {<li>See and book the CloudMatic access of this hub</li>}}

proc read_file {name} {
    set channel [open $name r]
    fconfigure $channel -translation binary
    set content [read $channel]
    close $channel
    return $content
}

# In one step: a reader sees the old list or the new one, also after a power cut or on a full disk.
proc replace_file {name content mode} {
    set new $name.cloudmatic
    file delete -force $new
    if {[catch {
        set channel [open $new {WRONLY CREAT EXCL} 0600]
        fconfigure $channel -translation binary
        puts -nonewline $channel $content
        close $channel
        file attributes $new -permissions $mode
        file rename -force $new $name
    } reason]} {
        catch {close $channel}
        catch {file delete -force $new}
        error $reason
    }
}

# First and last character of each element of a list, as it is written.
proc element_places {text} {
    set places {}
    set length [string length $text]
    set at 0
    while {1} {
        while {$at < $length && [string is space [string index $text $at]]} { incr at }
        if {$at >= $length} { return $places }
        set first $at
        set depth 0
        set quoted 0
        if {[string compare [string index $text $at] "\""] == 0} {
            set quoted 1
            incr at
        }
        set braced [expr {[string compare [string index $text $first] "\{"] == 0}]
        while {$at < $length} {
            set character [string index $text $at]
            if {[string compare $character "\\"] == 0} {
                incr at
            } elseif {$braced && [string compare $character "\{"] == 0} {
                incr depth
            } elseif {$braced && [string compare $character "\}"] == 0} {
                incr depth -1
                if {$depth == 0} { incr at; break }
            } elseif {$quoted && [string compare $character "\""] == 0} {
                incr at
                break
            } elseif {!$braced && !$quoted && [string is space $character]} {
                break
            }
            incr at
        }
        lappend places $first [expr {$at - 1}]
    }
}

# Where the entry `mh` is written, from the first character of its id to the last of its value;
# empty if there is none. Of several the last one counts, for the firmware too.
proc own_place {text} {
    set found {}
    foreach {id_first id_last first last} [element_places $text] {
        if {[string compare [lindex [string range $text $id_first $id_last] 0] mh] == 0} {
            set found [list $id_first $last]
        }
    }
    return $found
}

proc replaced {text first last new} {
    return [string range $text 0 [expr {$first - 1}]]$new[string range $text [expr {$last + 1}] end]
}

proc is_ours {entry} {
    if {[catch {array set values [lindex $entry 1]}]} { return 0 }
    return [expr {[info exists values(CONFIG_URL)] && [string match /addons/cloudmatic/* $values(CONFIG_URL)]}]
}

# What there was before, kept in one step: "entry" and its text, or "none", or "no file".
proc keep {what text} {
    if {![file isdirectory [file dirname $::kept]]} { return }
    replace_file $::kept "$what\n$text" 0600
}

proc take {url} {
    set ours [list mh [list CONFIG_URL $url CONFIG_DESCRIPTION $::texts ID mh CONFIG_NAME CloudMatic]]
    set exists [file exists $::file]
    set before [list_text $exists]
    set place [own_place $before]
    if {[llength $place] == 0} {
        set gap [expr {[string length [string trim $before]] == 0 ? "" : " "}]
        if {$exists} { keep none $before } else { keep "no file" "" }
        # A line break at the end stays at the end.
        set end [string length [string trimright $before]]
        set after [string range $before 0 [expr {$end - 1}]]$gap$ours[string range $before $end end]
    } else {
        set entry [string range $before [lindex $place 0] [lindex $place 1]]
        if {[string compare $entry $ours] == 0} { return }
        if {![is_ours $entry]} { keep entry $entry }
        set after [replaced $before [lindex $place 0] [lindex $place 1] $ours]
    }
    write_list $exists $before $after
}

proc give {} {
    if {![file exists $::file]} { return }
    set before [list_text 1]
    set place [own_place $before]
    if {[llength $place] == 0} { return }
    set first [lindex $place 0]
    set last [lindex $place 1]
    if {![is_ours [string range $before $first $last]]} { return }
    set kept ""
    catch {set kept [read_file $::kept]}
    if {[firmware_has_page]} {
        if {![regexp "^entry\n(.*)\$" $kept all entry] && [string length $kept] == 0} {
            set entry [list mh [list CONFIG_URL /addons/mh/index.cgi CONFIG_DESCRIPTION $::texts ID mh CONFIG_NAME CloudMatic]]
        }
        if {[info exists entry]} {
            write_list 1 $before [replaced $before $first $last $entry]
            return
        }
    }
    # The blank before it, or after it if it is the first, goes with it.
    while {$first > 0 && [string is space [string index $before [expr {$first - 1}]]]} { incr first -1 }
    if {$first == 0} {
        while {[string is space -strict [string index $before [expr {$last + 1}]]]} { incr last }
    }
    set after [replaced $before $first $last ""]
    if {[string length [string trim $after]] == 0} {
        # As it was: empty in its own way, or not there.
        if {[regexp "^no file\n" $kept]} {
            file delete $::file
            return
        }
        regexp "^none\n(\[ \t\r\n\]*)\$" $kept all after
    }
    write_list 1 $before $after
}

# Not where it is switched off: at the next boot the firmware would remove the entry.
proc firmware_has_page {} {
    return [expr {[file isdirectory $::root/opt/mh] && ![file exists $::root/usr/local/etc/config/cloudmaticDisabled]}]
}

# Nobody can tell what a damaged list meant to say; it must not be made worse.
proc list_text {exists} {
    if {!$exists} { return "" }
    set text [read_file $::file]
    if {[catch {llength $text} length] || $length % 2 != 0 || [llength [element_places $text]] != 2 * $length} {
        error "$::file is no list of buttons; it is left as it is"
    }
    return $text
}

# The firmware and other add-ons know no lock: what they wrote meanwhile must not get lost.
proc write_list {existed before after} {
    set mode 00644
    if {$existed} { set mode [file attributes $::file -permissions] }
    if {[string compare $before [list_text [file exists $::file]]] != 0} { error again }
    replace_file $::file $after $mode
}

# One of us at a time; a lock whose holder is gone does not count.
proc with_lock {command} {
    for {set tries 0} {$tries < 100} {incr tries} {
        if {![catch {open $::lock {WRONLY CREAT EXCL} 0600} channel]} {
            puts $channel [pid]
            close $channel
            set failed [catch {uplevel $command} reason]
            catch {file delete $::lock}
            if {$failed} { error $reason }
            return
        }
        if {![file isdirectory [file dirname $::lock]]} {
            uplevel $command
            return
        }
        after 50
        catch {
            set holder [string trim [read_file $::lock]]
            if {[string length $holder] > 0 && ![file exists /proc/$holder]} { file delete $::lock }
        }
    }
    error "another program keeps $::lock"
}

switch -- [lindex $argv 0] {
    take { set command [list take [lindex $argv 1]] }
    give { set command [list give] }
    default {
        puts stderr "usage: button.tcl take URL | give"
        exit 2
    }
}
set reason again
for {set tries 0} {$tries < 20 && [string compare $reason again] == 0} {incr tries} {
    set reason ""
    catch {with_lock $command} reason
}
if {[string length $reason] > 0} {
    puts stderr "cloudmatic: $reason"
    exit 1
}
