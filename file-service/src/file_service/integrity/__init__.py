"""Finds out whether what is written in two places agrees: rows and objects, usage and rows."""
