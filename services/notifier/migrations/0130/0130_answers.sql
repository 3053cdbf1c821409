-- What providers have told us of, by their own id for it, so that each thing is taken once. A running release takes none.
CREATE TABLE provider_events (
    provider text NOT NULL,
    event_id text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, event_id)
) WITH (autovacuum_vacuum_scale_factor = 0.1);
CREATE INDEX provider_events_old ON provider_events USING brin (received_at);

-- What was heard of a message after it was handed over, beside the state that it ended in: a row for each kind of answer.
-- Of a bounce, `weight` says what follows from it; of anything else it is empty.
CREATE TABLE answers (
    reminder_id uuid NOT NULL REFERENCES deliveries ON DELETE CASCADE,
    answer text NOT NULL,
    weight text NOT NULL DEFAULT '',
    provider text NOT NULL,
    status text,
    reason text,
    times bigint NOT NULL DEFAULT 1,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (reminder_id, answer, weight)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.1);

-- Who or what has closed a channel, and by which status: NULL of those that were closed before, or by a running release.
ALTER TABLE suppressions ADD COLUMN source text, ADD COLUMN status text;
