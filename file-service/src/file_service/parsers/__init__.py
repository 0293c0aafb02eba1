"""Reads what is inside files: in a child process of its own, which knows nothing of the service (see `sandbox`)."""
