"""What the dashboard reads from and keeps on the hub."""
