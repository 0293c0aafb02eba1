"""Folders, which are prefixes of paths: moved and removed whole."""
