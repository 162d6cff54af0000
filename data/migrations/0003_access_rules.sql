-- What an administrator changed about the grants.

CREATE TABLE access_rules (
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
    role VARCHAR,
    entity VARCHAR,
    action VARCHAR,
    reaches VARCHAR,
    shows VARCHAR,
    PRIMARY KEY (id),
    UNIQUE (source, external_id),
    UNIQUE (role, entity, action)
);

CREATE TABLE access_rules_history (
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
    role VARCHAR,
    entity VARCHAR,
    action VARCHAR,
    reaches VARCHAR,
    shows VARCHAR,
    effective_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    actor_id VARCHAR NOT NULL,
    verb VARCHAR NOT NULL,
    why VARCHAR,
    changed VARCHAR NOT NULL,
    PRIMARY KEY (id, version)
);
