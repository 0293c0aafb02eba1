"""Tells addresses that owners name of what happens to their files: signed, in order, and until it has arrived."""
