-- Stores that are made and changed through the API; those of files and of the environment stand nowhere here. A running
-- release knows nothing of them. Versions come from one sequence and are given in the order of the commits (writers wait for
-- each other), so that a replica asks for what is newer than the newest that it knows.
CREATE SEQUENCE store_versions;
CREATE TABLE stores (
    store_id text PRIMARY KEY CHECK (store_id <> ''),
    version bigint NOT NULL UNIQUE,
    settings json NOT NULL CHECK (json_typeof(settings) = 'object'), -- without secrets; kept to the byte
    sealed bytea, -- the secrets, encrypted
    updated_at timestamptz NOT NULL,
    closed_at timestamptz, -- from then on the store is not there any more; what it held stays until it is erased
    CHECK ((sealed IS NULL) = (closed_at IS NOT NULL)) -- secrets go at once
);
