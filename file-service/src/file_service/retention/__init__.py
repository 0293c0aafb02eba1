"""Removes for good what nobody wants to keep any longer: old trash, and old versions."""
