-- Answers to requests that may be repeated, encrypted under keys that their callers hold.

CREATE TABLE kept_answers (
    id VARCHAR NOT NULL,
    person_id VARCHAR,
    key_hash VARCHAR,
    fingerprint VARCHAR,
    answered_at TIMESTAMP,
    status BIGINT,
    answer BYTEA,
    PRIMARY KEY (id),
    UNIQUE (key_hash)
);
