"""What the parsers of tables share: from bytes to rows, from rows to typed columns, from columns to a columnar copy."""
