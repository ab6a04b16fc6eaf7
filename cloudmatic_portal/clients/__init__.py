"""Doors to the world outside: bytes on the wire to and from the domain, no database."""
