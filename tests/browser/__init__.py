"""Each path that a user walks, in a real Chromium."""
