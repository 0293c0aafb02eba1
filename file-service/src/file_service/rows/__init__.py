"""The language in which rows of a table are asked for: which of them, which columns, in what order."""
