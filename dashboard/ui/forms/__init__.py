"""Forms of any entity from its declaration: inputs, references, problems beside their fields, drafts, conflicts."""
