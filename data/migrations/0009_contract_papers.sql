-- What contracts need: our own companies, every wording that was saved, who decides for whom, both signatures.

CREATE TABLE legal_entities (
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
    name_en VARCHAR,
    credit_code VARCHAR,
    address VARCHAR,
    address_en VARCHAR,
    representative VARCHAR,
    bank_name VARCHAR,
    account_number VARCHAR,
    rank BIGINT,
    active BOOLEAN,
    PRIMARY KEY (id),
    UNIQUE (source, external_id)
);

CREATE TABLE legal_entities_history (
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
    name_en VARCHAR,
    credit_code VARCHAR,
    address VARCHAR,
    address_en VARCHAR,
    representative VARCHAR,
    bank_name VARCHAR,
    account_number VARCHAR,
    rank BIGINT,
    active BOOLEAN,
    effective_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    actor_id VARCHAR NOT NULL,
    verb VARCHAR NOT NULL,
    why VARCHAR,
    changed VARCHAR NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE TABLE contract_versions (
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
    contract_id VARCHAR,
    edition BIGINT,
    wording VARCHAR,
    sha256 VARCHAR,
    PRIMARY KEY (id),
    UNIQUE (source, external_id),
    UNIQUE (contract_id, edition)
);

CREATE TABLE contract_versions_history (
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
    contract_id VARCHAR,
    edition BIGINT,
    wording VARCHAR,
    sha256 VARCHAR,
    effective_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    actor_id VARCHAR NOT NULL,
    verb VARCHAR NOT NULL,
    why VARCHAR,
    changed VARCHAR NOT NULL,
    PRIMARY KEY (id, version)
);

ALTER TABLE contracts ADD COLUMN legal_entity_id VARCHAR;
ALTER TABLE contracts ADD COLUMN amended_by_id VARCHAR;
ALTER TABLE contracts ADD COLUMN amended_on DATE;
ALTER TABLE contracts ADD COLUMN their_signed_on DATE;
ALTER TABLE contracts ADD COLUMN signing VARCHAR;
ALTER TABLE contracts ADD COLUMN their_evidence VARCHAR;
ALTER TABLE contracts ADD COLUMN signed_file_id VARCHAR;
ALTER TABLE contracts_history ADD COLUMN legal_entity_id VARCHAR;
ALTER TABLE contracts_history ADD COLUMN amended_by_id VARCHAR;
ALTER TABLE contracts_history ADD COLUMN amended_on DATE;
ALTER TABLE contracts_history ADD COLUMN their_signed_on DATE;
ALTER TABLE contracts_history ADD COLUMN signing VARCHAR;
ALTER TABLE contracts_history ADD COLUMN their_evidence VARCHAR;
ALTER TABLE contracts_history ADD COLUMN signed_file_id VARCHAR;

ALTER TABLE clauses ADD COLUMN language VARCHAR;
ALTER TABLE clauses_history ADD COLUMN language VARCHAR;

ALTER TABLE approval_runs ADD COLUMN rank BIGINT;
ALTER TABLE approval_runs ADD COLUMN deputy_id VARCHAR;
ALTER TABLE approval_runs ADD COLUMN decided_by_id VARCHAR;
ALTER TABLE approval_runs_history ADD COLUMN rank BIGINT;
ALTER TABLE approval_runs_history ADD COLUMN deputy_id VARCHAR;
ALTER TABLE approval_runs_history ADD COLUMN decided_by_id VARCHAR;

ALTER TABLE absences ADD COLUMN delegate_id VARCHAR;
ALTER TABLE absences_history ADD COLUMN delegate_id VARCHAR;
