"""One record: its stage path, facts, time line, full history, and the verbs that a person may use on it."""
