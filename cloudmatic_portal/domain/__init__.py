"""The trade's rules as values: no database, no HTTP, no clock of its own."""
