-- What somebody wants no more messages about, and until when they want none at all, by channel and whom it holds for:
-- `customer:<id>`, or the salted hash of an address. A running release knows nothing of it; a channel of which nothing is
-- wanted is unsubscribed, which it knows.
CREATE TABLE preferences (
    store_id text NOT NULL,
    channel text NOT NULL,
    subject text NOT NULL,
    declined text[] NOT NULL,
    paused_until timestamptz,
    PRIMARY KEY (store_id, channel, subject)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);

-- What was changed on the page, from which message's link, and what the page said: the proof, and the way back.
CREATE TABLE preference_changes (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id text NOT NULL,
    customer_id text NOT NULL,
    reminder_id uuid NOT NULL,
    was jsonb NOT NULL,
    became jsonb NOT NULL,
    wording text NOT NULL,
    changed_at timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.1);
CREATE INDEX preference_changes_of_customer ON preference_changes (store_id, customer_id, change_id);
