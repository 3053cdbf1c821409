-- a template that somebody of the shop is at: nobody else sees it until it is said. `base` is what it began as
CREATE TABLE template_drafts (
    person_id uuid NOT NULL,
    store_id text NOT NULL,
    name text NOT NULL,
    said jsonb NOT NULL,
    base jsonb NOT NULL,
    etag text NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (person_id, store_id, name)
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX template_drafts_by_age ON template_drafts (saved_at);

-- what a message costs the shop, by channel, in the store's currency
CREATE TABLE message_prices (
    store_id text NOT NULL,
    channel text NOT NULL,
    price numeric(12, 6) NOT NULL,
    PRIMARY KEY (store_id, channel)
);
