"""The tables of the file service."""
