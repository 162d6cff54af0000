"""The rules the department works by and the lists it classifies by, as parts of one page."""
