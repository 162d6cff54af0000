-- What names are found and compared by: the parts of company names, and how names are spoken. Follows from the records.
CREATE TABLE name_keys (
    id VARCHAR NOT NULL,
    entity VARCHAR NOT NULL,
    record_id VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    brand VARCHAR NOT NULL,
    core VARCHAR NOT NULL,
    sound VARCHAR NOT NULL,
    spoken VARCHAR NOT NULL,
    initials VARCHAR NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (id)
);
