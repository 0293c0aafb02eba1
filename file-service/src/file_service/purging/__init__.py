"""Removes all that is kept of an account that was deleted."""
