"""How values, names and lists are written for people, and values for SQL."""
