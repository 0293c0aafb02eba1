"""What the parser `rows` does: finds the rows that are asked for in a columnar copy of a table, and writes them."""
