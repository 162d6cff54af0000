-- When each scheduled job is due next.
CREATE TABLE job_times (
    job VARCHAR NOT NULL,
    due_at TIMESTAMP NOT NULL,
    PRIMARY KEY (job)
);
