-- Codes of an authenticator app as the second step of a login, and the codes that help when it is lost.
CREATE TABLE login_codes (
    id VARCHAR NOT NULL,
    person_id VARCHAR,
    sealed BYTEA,
    last_step BIGINT,
    turned_on_at TIMESTAMP,
    PRIMARY KEY (id),
    UNIQUE (person_id)
);

CREATE TABLE recovery_codes (
    id VARCHAR NOT NULL,
    person_id VARCHAR,
    code_hash VARCHAR,
    used_at TIMESTAMP,
    PRIMARY KEY (id),
    UNIQUE (code_hash)
);
