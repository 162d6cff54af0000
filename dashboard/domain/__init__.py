"""What things are and what may happen. Pure: no input or output, no clock."""
