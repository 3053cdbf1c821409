-- Reminders that somebody of the shop has cancelled before we had heard of them: they are not sent when they come.
CREATE TABLE called_off (
    reminder_id uuid PRIMARY KEY,
    store_id text NOT NULL,
    called_off_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0.1);
CREATE INDEX called_off_old ON called_off USING brin (called_off_at);
