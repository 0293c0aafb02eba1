"""Keeps the libraries from holding on to memory that they have freed. It has to be there before they are."""

import os

# Else DuckDB keeps the addresses of all it ever had, and the limit of the process counts addresses.
os.environ["DUCKDB_JE_MALLOC_CONF"] = "retain:false"

import file_service.parsers.tables.memory  # noqa: F401 - Arrow's own
