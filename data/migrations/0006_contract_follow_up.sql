-- What to do next about a contract, and on which day.
ALTER TABLE contracts ADD COLUMN next_step VARCHAR;
ALTER TABLE contracts ADD COLUMN next_step_on DATE;
ALTER TABLE contracts_history ADD COLUMN next_step VARCHAR;
ALTER TABLE contracts_history ADD COLUMN next_step_on DATE;
