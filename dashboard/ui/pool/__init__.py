"""The pool on screen: what can be claimed, what returns to it, and what a person may still take."""
