"""The quick update of a deal: what happened, the next step with its day, the stage; typed or read from a note."""
