"""The text inside files."""
