"""What the dashboard knows about accounts, packages, sessions and bookings; no input, no output."""
