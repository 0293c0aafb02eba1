"""Strongroom on one machine: real PostgreSQL, a real S3 server and the three services, from Python wheels alone."""
