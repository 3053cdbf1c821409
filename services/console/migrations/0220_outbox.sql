-- What the console tells the others: where an erased customer stood here. The outbox of a service, as libs/outbox has it.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL CHECK (topic <> ''),
    key text NOT NULL CHECK (key <> ''),
    value bytea, -- NULL is a tombstone
    headers text NOT NULL, -- JSON object of strings
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (
    -- rows live for milliseconds: vacuum by count, not by share
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_scale_factor = 0.5, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000
);
