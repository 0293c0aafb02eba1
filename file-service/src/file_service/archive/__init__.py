"""Many files as one zip archive."""
