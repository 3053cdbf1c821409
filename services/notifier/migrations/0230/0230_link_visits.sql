-- Which links of a message were asked for lately, and when last: a row for each, for as long as it tells a machine from a
-- person. A click that is `held` is not told yet; `provider` is who told us of it. A running release tells clicks at once.
CREATE TABLE link_visits (
    reminder_id uuid NOT NULL REFERENCES deliveries ON DELETE CASCADE,
    link text NOT NULL,
    visited_at timestamptz NOT NULL,
    held boolean NOT NULL DEFAULT false,
    provider text NOT NULL DEFAULT 'link',
    PRIMARY KEY (reminder_id, link)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX link_visits_by_time ON link_visits (visited_at);
