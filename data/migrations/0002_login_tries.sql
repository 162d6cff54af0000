-- Tries to log in, kept for as long as they count; names and addresses only as keyed hashes.
CREATE TABLE login_tries (
    id VARCHAR NOT NULL,
    pair_hash VARCHAR,
    address_hash VARCHAR,
    tried_at TIMESTAMP,
    refused BOOLEAN,
    PRIMARY KEY (id)
);
