"""What the portal does: one transaction per public function, time and randomness passed in."""
