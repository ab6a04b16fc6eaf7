#!/bin/tclsh
# Einstellungen > Systemsteuerung. Renders hm_addons.cfg the way the firmware does, weaknesses
# included: every value is pasted as it is. An apostrophe, a line break or a backslash in a
# description therefore breaks the script, and then the table is never shown.

package require HomeMatic
source [file join [file dirname [info script]] session.tcl]

fconfigure stdout -encoding iso8859-1 -translation lf

proc send_to_login {} {
    puts "Status: 302"
    puts "Location: /login.htm\n"
}

proc put_head {sid} {
    puts "Content-Type: text/html; charset=iso-8859-1\n"
    puts {<!DOCTYPE html>
<html lang="de">
<head>
<title>HomeMatic WebUI - Systemsteuerung</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/webui/webui.css">
</head>
<body>
<div class="page">}
    puts "<header class=\"bar\"><a href=\"/pages/index.htm?sid=$sid\">Startseite</a>"
    puts {<span class="path">Einstellungen &gt; Systemsteuerung</span></header>
<main>
<table id="mainTable" style="display:none">}
}

proc put_own_buttons {} {
    puts "<tr>"
    foreach name {Zentralen-Wartung Sicherheit {Zeit- und Positionseinstellung} Zusatzsoftware} {
        puts "<td><div class=\"cpButton\"><div class=\"StdTableBtn off\">$name</div></div></td>"
    }
    puts "</tr>"
}

proc put_button {id url name sid} {
    puts "<td><div class=\"cpButton\">"
    puts "<div class=\"StdTableBtn\" onclick=\"window.open('$url?sid=$sid');\">$name</div>"
    puts "<div id=\"btnAddOn_$id\" class=\"StdTableBtnHelp\">?</div>"
    puts "<ul id=\"description_$id\" style=\"display:none\"></ul>"
    puts "</div></td>"
}

proc put_buttons {sid} {
    set column 0
    puts "<tr>"
    foreach id [array names ::pages] {
        array unset page
        array set page $::pages($id)
        if {$column > 0 && $column % 4 == 0} {
            puts "</tr>\n<tr>"
        }
        put_button $id $page(CONFIG_URL) $page(CONFIG_NAME) $sid
        incr column
    }
    puts "</tr>"
}

proc put_description {id descriptions} {
    puts "addOnDescr = {};"
    foreach {language text} $descriptions {
        puts "addOnDescr\['$language'\] = '$text';"
    }
    puts "document.getElementById('description_$id').innerHTML = addOnDescr\[lang\] || '';"
}

# The firmware evaluates the scripts of this page one after the other and stops at the first that
# fails; one single script has the same effect.
proc put_script {} {
    puts "<script>"
    puts "var lang = 'de', addOnDescr;"
    foreach id [array names ::pages] {
        array unset page
        array set page $::pages($id)
        put_description $id $page(CONFIG_DESCRIPTION)
    }
    puts {document.querySelectorAll('.StdTableBtnHelp').forEach(function (mark) {
  var list = document.getElementById('description_' + mark.id.split('_')[1]);
  if (list) { mark.title = list.innerText || list.textContent; } else { mark.hidden = true; }
});
document.getElementById('mainTable').style.display = '';
</script>}
}

set sid [requested_sid]
if {[session_user $sid] eq ""} {
    send_to_login
    exit 0
}
array set pages [::HomeMatic::Addon::GetAll]
put_head $sid
put_own_buttons
put_buttons $sid
puts "</table>\n</main>\n</div>"
put_script
puts "</body>\n</html>"
