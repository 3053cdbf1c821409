-- Campaigns that a store has said by the API, every version of them. A running release knows nothing of it and goes by files.
CREATE TABLE campaign_versions (
    store_id text NOT NULL,
    version bigint NOT NULL CHECK (version > 0), -- of the store, from 1
    revision bigint GENERATED ALWAYS AS IDENTITY UNIQUE, -- of all stores: what is newer than a process has seen
    document text, -- JSON, as it was said; NULL: from here on the store has the campaigns of all
    made_by text NOT NULL, -- the name of the key
    made_at timestamptz NOT NULL,
    rolled_back_to bigint, -- whose document it is again
    PRIMARY KEY (store_id, version)
);
