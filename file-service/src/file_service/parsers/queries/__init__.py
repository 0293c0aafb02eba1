"""What the parser `rows` does: finds the rows that are asked for in a columnar copy of a table, and writes them."""

import file_service.parsers.queries.allocators  # noqa: F401 - before anything that allocates
