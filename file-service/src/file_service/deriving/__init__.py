"""Derives what can be derived from files, as jobs."""
