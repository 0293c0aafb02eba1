"""The tables of the auth service."""
