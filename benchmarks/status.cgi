#!/bin/tclsh
# The yardstick: the status page as a hub's usual CGI would make it. It asks the logic engine whose
# session this is, reads the vendor's files, and fills in the page that lies beside it. Far simpler
# than the add-on, which also knows the portal's answer, languages and warnings.

# `engine` and `root` are written here by the benchmark.
source [file join [file dirname [info script]] places.tcl]

proc answer {status type body} {
    fconfigure stdout -encoding utf-8 -translation lf
    puts "Status: $status\nContent-Type: $type; charset=utf-8\nCache-Control: no-store\n"
    puts -nonewline $body
    exit
}

proc values_of {name} {
    set channel [open $::root/usr/local/etc/config/addons/mh/$name r]
    fconfigure $channel -encoding iso8859-1
    set text [read $channel]
    close $channel
    foreach line [split $text \n] {
        if {[regexp {^([A-Za-z_-]+)=(.*)$} $line all key value]} { set found($key) $value }
    }
    return [array get found]
}

proc user_of {sid} {
    global engine
    set script "Write(system.GetSessionVarStr(\"$sid\"));"
    set channel [socket [lindex $engine 0] [lindex $engine 1]]
    fconfigure $channel -translation binary
    puts -nonewline $channel "POST /rega.exe HTTP/1.0\r\nHost: localhost\r\nContent-Length: [string length $script]\r\n\r\n$script"
    flush $channel
    set text [read $channel]
    close $channel
    set body [string range $text [expr {[string first "\r\n\r\n" $text] + 4}] end]
    return [lindex [split $body ";"] 2]
}

proc escaped {text} { return [string map {& &amp; < &lt; > &gt; \" &#34; ' &#39;} $text] }

set sid ""
catch { regexp {cloudmatic_sid=([A-Za-z0-9]{10})} $env(HTTP_COOKIE) all sid }
if {[string equal $sid ""] || [string equal [user_of $sid] ""]} {
    answer "403 Forbidden" text/plain "no session"
}
array set account [concat [values_of mhcfg] [values_of ids]]
set channel [open [file join [file dirname [info script]] page.html] r]
fconfigure $channel -encoding utf-8 -translation lf
set page [read $channel]
close $channel
set filled {}
foreach key {userkennung userid SerialNumber} { lappend filled @$key@ [escaped $account($key)] }
answer "200 OK" text/html [string map $filled $page]
