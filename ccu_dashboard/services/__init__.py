"""What the dashboard does for a user; each public function is one step of that."""
