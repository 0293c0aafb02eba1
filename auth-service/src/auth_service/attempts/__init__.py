"""Slows guessing down."""
