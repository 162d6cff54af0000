-- Forms that are not saved yet: one row for each person and form, sealed under the person's data key.
CREATE TABLE drafts (
    id VARCHAR NOT NULL,
    person_id VARCHAR,
    form VARCHAR,
    payload BYTEA,
    saved_at TIMESTAMP,
    PRIMARY KEY (id)
);
