"""The REST interface: what the pages can do, for programs, from the same declarations and through the same store."""
