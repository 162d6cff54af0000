-- What must have happened before a deal enters a stage.
ALTER TABLE stages ADD COLUMN required_evidence VARCHAR;
ALTER TABLE stages_history ADD COLUMN required_evidence VARCHAR;
