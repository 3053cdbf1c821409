-- When the next message may go by a provider that has a rate: one row for each, which every process moves on. A running
-- release knows of none and paces itself alone.
CREATE TABLE provider_rates (
    provider text PRIMARY KEY,
    free_at timestamptz NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
