-- What was sent, compressed, without the secrets of its links: NULL of what is not sent, and of what a running release sends.
ALTER TABLE deliveries ADD COLUMN content bytea;

-- Who has looked at what was sent, by the name of their key.
CREATE TABLE content_views (
    view_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id text NOT NULL,
    reminder_id uuid NOT NULL,
    viewed_by text NOT NULL,
    viewed_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0.1);
CREATE INDEX content_views_of_message ON content_views (store_id, reminder_id);
