-- Drafts of campaigns that a store tries on what has happened in it: asked for, worked on by one process, kept for a week.
CREATE TABLE backtests (
    backtest_id uuid PRIMARY KEY,
    store_id text NOT NULL,
    document text NOT NULL, -- JSON, as it was said
    days int NOT NULL CHECK (days > 0),
    asked_by text NOT NULL, -- the name of the key
    asked_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    reason text,
    attempts int NOT NULL DEFAULT 0,
    lease_until timestamptz,
    events bigint NOT NULL DEFAULT 0, -- that were read so far
    reached timestamptz, -- when the newest of them happened
    result text, -- JSON
    ended_at timestamptz
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE UNIQUE INDEX backtests_at_once ON backtests (store_id) WHERE state IN ('waiting', 'running');
CREATE INDEX backtests_ahead ON backtests (asked_at) WHERE state IN ('waiting', 'running');
CREATE INDEX backtests_of_store ON backtests (store_id, asked_at DESC);
CREATE INDEX backtests_by_age ON backtests (asked_at);
