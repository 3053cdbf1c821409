-- What is wrong with sending: a row from when it is seen first until ops know that it is over.
CREATE TABLE faults (
    kind text NOT NULL,
    store_id text NOT NULL, -- '' where it is wrong for all
    about text NOT NULL, -- a topic, a process, a channel; no person
    value double precision NOT NULL,
    expected double precision NOT NULL,
    since timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ended_at timestamptz,
    told boolean NOT NULL DEFAULT false, -- whether ops know that it has begun
    PRIMARY KEY (kind, store_id, about)
);
