"""What follows from a change: derived fields, and rows that must change with it. Set-based throughout."""
