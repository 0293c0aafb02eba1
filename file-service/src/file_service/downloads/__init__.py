"""How bytes go out."""
