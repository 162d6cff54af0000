"""Drills: what is left after the worst moment to stop."""
