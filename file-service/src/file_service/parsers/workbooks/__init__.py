"""How the sheets of XLSX workbooks become tables."""
