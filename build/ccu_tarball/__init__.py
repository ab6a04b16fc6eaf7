"""Builds the add-on's archive for each processor; started by `./package.sh`."""
