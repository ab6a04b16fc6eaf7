"""What the add-on promises on the hub: installation, start, update, uninstallation."""
