-- What is held back for the time being; '' and 0 stand for all. A running release knows nothing of it, and sends.
CREATE TABLE pauses (
    store_id text NOT NULL,
    campaign text NOT NULL,
    step int NOT NULL,
    channel text NOT NULL,
    why text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (store_id, campaign, step, channel)
);
