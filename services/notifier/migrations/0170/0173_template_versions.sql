-- Templates that stores have said by the API, version by version; `document` is NULL where one was taken away. A running
-- release knows nothing of them, and sends what ships.
CREATE TABLE template_versions (
    revision bigint GENERATED ALWAYS AS IDENTITY,
    store_id text NOT NULL,
    name text NOT NULL,
    version bigint NOT NULL,
    document jsonb,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    rolled_back_to bigint,
    PRIMARY KEY (store_id, name, version)
);
CREATE INDEX template_versions_revision ON template_versions (revision);
