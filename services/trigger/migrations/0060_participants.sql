-- What a customer's part is in a campaign that splits its customers or bounds how often they enter: the arm once drawn,
-- and the newest episodes with which they entered ([[episode, when], …], the oldest first). A running release knows
-- nothing of it, and has no such campaigns.
CREATE TABLE participants (
    store_id text NOT NULL,
    campaign text NOT NULL,
    customer_id text NOT NULL,
    arm text,
    entries jsonb NOT NULL DEFAULT '[]',
    entered_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (store_id, customer_id, campaign)
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX participants_entered_at ON participants (entered_at);
