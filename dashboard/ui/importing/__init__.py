"""The parts of Import: files, what their columns mean, the rehearsal over all rows, and the batches with their undo."""
