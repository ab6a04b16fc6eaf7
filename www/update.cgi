#!/bin/tclsh
# The firmware's question for a newer version (`Update:` of the start script), asked without a
# session. It answers from a file that the service keeps, two lines:
#   version=1.2.3
#   download=https://...
# What it prints goes unchecked into a page: only the strictest form of both gets out.
# Tcl 8.2: no dict, no lassign, no `eq`.

set root ""
if {[info exists env(CCU_ROOT)]} { set root $env(CCU_ROOT) }
set query ""
catch {set query $env(QUERY_STRING)}

proc line_of {name form} {
    if {[catch {
        set channel [open $::root/usr/local/etc/config/addons/cloudmatic/latest r]
        set text [read $channel 4096]
        close $channel
    }]} { return "" }
    foreach line [split $text \n] {
        if {[string first $name= $line] == 0} {
            set value [string range $line [string length $name=] end]
            if {[regexp $form $value]} { return $value }
        }
    }
    return ""
}

# Whether numbered version `a` is older than `b`; no if one of them is not numbered.
proc older {a b} {
    set numbered {^[0-9]+(\.[0-9]+)*$}
    if {![regexp $numbered $a] || ![regexp $numbered $b]} { return 0 }
    return [expr {[package vcompare $a $b] < 0}]
}

proc check_version {} {
    set latest [line_of version {^[0-9A-Za-z][0-9A-Za-z.+~-]*$}]
    if {[string length $latest] == 0 || [string length $latest] > 40} { return n/a }
    # Whoever runs a newer one than the latest release is not to be led back.
    if {[regexp {(?:^|&)version=([0-9.]+)(?:&|$)} $::query all installed] && [older $latest $installed]} {
        return $installed
    }
    return $latest
}

fconfigure stdout -translation lf -encoding iso8859-1
if {[regexp {(?:^|&)cmd=download(?:&|$)} $query]} {
    set address [line_of download {^https://[A-Za-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9._~/?=&%+-]*$}]
    if {[string length $address] > 0} {
        regsub -all & $address {\&amp;} shown
        puts "Status: 302 Found\nLocation: $address\nContent-Type: text/html; charset=iso-8859-1\nCache-Control: no-store\n"
        puts "<!DOCTYPE html><html lang=\"de\"><title>CloudMatic</title><p><a href=\"$shown\">Herunterladen</a></p></html>"
    } else {
        puts "Status: 404 Not Found\nContent-Type: text/html; charset=iso-8859-1\nCache-Control: no-store\n"
        puts "<!DOCTYPE html><html lang=\"de\"><title>CloudMatic</title><p>Diese Zentrale kennt noch keine neuere Version von CloudMatic. Sie fragt einmal am Tag danach.</p></html>"
    }
} else {
    puts "Content-Type: text/plain; charset=iso-8859-1\nCache-Control: no-store\n"
    puts -nonewline [check_version]
}
