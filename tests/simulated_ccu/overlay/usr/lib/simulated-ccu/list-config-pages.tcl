# Prints hm_addons.cfg as Tcl reads it: entries end with 0x1e, their fields with 0x1f:
# id, URL, name, then language and description by turns.

package require HomeMatic

fconfigure stdout -translation binary
array set pages [::HomeMatic::Addon::GetAll]
foreach id [lsort [array names pages]] {
    array unset page
    array set page $pages($id)
    set fields [list $id $page(CONFIG_URL) $page(CONFIG_NAME)]
    foreach {language text} $page(CONFIG_DESCRIPTION) {
        lappend fields $language $text
    }
    foreach field $fields {
        puts -nonewline "$field\x1f"
    }
    puts -nonewline "\x1e"
}
