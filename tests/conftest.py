"""What all tests share."""

from __future__ import annotations

from hypothesis import settings

# A shared machine may stop for a moment in any example; how fast something is, benchmarks tell.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
