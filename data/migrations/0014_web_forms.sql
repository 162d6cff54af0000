-- Forms on the department's own web pages, and hashes of the keys that they send leads with.

CREATE TABLE web_forms (
    id VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    number VARCHAR,
    source VARCHAR,
    external_id VARCHAR,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    archived_at TIMESTAMP,
    merged_into VARCHAR,
    name VARCHAR,
    team_id VARCHAR,
    owner_id VARCHAR,
    source_id VARCHAR,
    origins VARCHAR,
    consent_text VARCHAR,
    active BOOLEAN,
    PRIMARY KEY (id),
    UNIQUE (source, external_id)
);

CREATE TABLE web_forms_history (
    id VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    revision BIGINT,
    number VARCHAR,
    source VARCHAR,
    external_id VARCHAR,
    created_at TIMESTAMP,
    updated_at TIMESTAMP,
    archived_at TIMESTAMP,
    merged_into VARCHAR,
    name VARCHAR,
    team_id VARCHAR,
    owner_id VARCHAR,
    source_id VARCHAR,
    origins VARCHAR,
    consent_text VARCHAR,
    active BOOLEAN,
    effective_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    actor_id VARCHAR NOT NULL,
    verb VARCHAR NOT NULL,
    why VARCHAR,
    changed VARCHAR NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE TABLE web_keys (
    id VARCHAR NOT NULL,
    form_id VARCHAR,
    key_hash VARCHAR,
    opened_at TIMESTAMP,
    revoked_at TIMESTAMP,
    PRIMARY KEY (id),
    UNIQUE (key_hash)
);
