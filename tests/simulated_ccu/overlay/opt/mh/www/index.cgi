#!/bin/tclsh
# Stands for the vendor's own page: like it, it needs no session. Its content is not simulated.

puts "Content-Type: text/html; charset=iso-8859-1\n"
puts {<!DOCTYPE html><html lang="de"><head><title>CloudMatic (Firmware)</title></head>}
puts {<body><h1>CloudMatic</h1><p>Seite der Firmware</p></body></html>}
