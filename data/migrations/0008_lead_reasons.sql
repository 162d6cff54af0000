-- What is said beside the reason for which a lead is not followed up.
ALTER TABLE leads ADD COLUMN reason_note VARCHAR;
ALTER TABLE leads_history ADD COLUMN reason_note VARCHAR;
