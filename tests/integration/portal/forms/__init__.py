"""The forms of the site, a table for each part of it."""
