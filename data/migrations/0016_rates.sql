-- How often something was done in a window of time, for as long as that counts; whom it is about only as a keyed hash.
CREATE TABLE rates (
    id VARCHAR NOT NULL,
    subject_hash VARCHAR,
    began_at TIMESTAMP,
    ends_at TIMESTAMP,
    used BIGINT,
    PRIMARY KEY (id)
);
