"""The two the dashboard talks to: the hub's logic engine and the portal."""
