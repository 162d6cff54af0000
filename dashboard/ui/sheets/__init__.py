"""The parts of a record as a sheet of rows: one form, saved as one change."""
