"""Finds out whether the store has what the rows say, and nothing else."""
