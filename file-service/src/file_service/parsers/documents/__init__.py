"""How the text of each format of document is read."""
