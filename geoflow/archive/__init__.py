"""Arrays that a user brings, in a file or a mapping, checked before they are read or copied."""
