"""Lists as tables, for programs that know nothing of us."""
