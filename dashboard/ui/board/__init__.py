"""The board: a column for each stage, cards that move by mouse, finger, keyboard or menu."""
