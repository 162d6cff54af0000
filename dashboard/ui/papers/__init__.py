"""What a contract says and who decides on it, as parts of its page."""
