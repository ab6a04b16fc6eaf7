# The simulated hub's Tcl package: the calls of the firmware's that an add-on uses.
#
# As on the hub, the list of buttons is read and written without lock and without atomic
# replace, errors of the file are swallowed, and the order of entries is the hash table's.
# Paths lie below CCU_ROOT (empty or unset: "/").

namespace eval ::HomeMatic::Util {}
namespace eval ::HomeMatic::Addon {}

proc ::HomeMatic::Util::Path {path} {
    if {[info exists ::env(CCU_ROOT)]} {
        return "$::env(CCU_ROOT)$path"
    }
    return $path
}

proc ::HomeMatic::Util::LoadFile {filename} {
    set content ""
    if {![catch {open $filename r} file]} {
        catch {read $file} content
        close $file
    }
    return $content
}

proc ::HomeMatic::Util::SaveFile {filename content} {
    if {![catch {open $filename w} file]} {
        catch {puts -nonewline $file $content}
        catch {close $file}
    }
    return 0
}

proc ::HomeMatic::GetSerialNumber {} {
    set content [::HomeMatic::Util::LoadFile [::HomeMatic::Util::Path /etc/config/ids]]
    if {[regexp -line {^SerialNumber=(.*)$} $content -> serial]} {
        return $serial
    }
    return INVALID
}

set ::HomeMatic::Addon::list_file [::HomeMatic::Util::Path /etc/config/hm_addons.cfg]

proc ::HomeMatic::Addon::GetAll {} {
    return [::HomeMatic::Util::LoadFile $::HomeMatic::Addon::list_file]
}

proc ::HomeMatic::Addon::AddConfigPage {id url name description} {
    array set page [list ID $id CONFIG_URL $url CONFIG_NAME $name CONFIG_DESCRIPTION $description]
    array set pages [GetAll]
    set pages($id) [array get page]
    ::HomeMatic::Util::SaveFile $::HomeMatic::Addon::list_file [array get pages]
}

# OpenCCU brings more than eQ-3's package; the file is missing on a CCU3.
set openccu [file join [file dirname [info script]] openccu.tcl]
if {[file exists $openccu]} {
    source $openccu
}

package provide HomeMatic 1.0
