"""Which roles there are, and what they allow."""
