"""Copies of files, made inside the store."""
