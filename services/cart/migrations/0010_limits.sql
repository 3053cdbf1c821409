-- What busy callers owe on all replicas together; a running release knows nothing of it. Written at most once a second by
-- each replica, for busy callers only. Unlogged: after a crash everybody starts afresh, which costs a burst at most.
CREATE UNLOGGED TABLE rate_levels (
    caller bytea PRIMARY KEY CHECK (octet_length(caller) = 16), -- a keyed hash: neither a name nor an address
    due timestamptz NOT NULL, -- when the bucket will be full again
    cost bigint NOT NULL CHECK (cost >= 0) -- microseconds that were told last
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0.1);
