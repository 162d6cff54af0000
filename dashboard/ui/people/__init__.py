"""The page People and access."""
