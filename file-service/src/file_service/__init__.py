"""Keeps files: their bytes in an S3 store, everything else about them in PostgreSQL."""
