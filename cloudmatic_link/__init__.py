"""What the hub and the portal agree on: booking links, hub tokens, and the hub's status.

This package imports neither side and keeps no state.
"""

__version__ = "0.1.0"
