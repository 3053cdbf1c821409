-- What closed a channel and was lifted by somebody, and why. Written by nobody but whoever lifts; a running release does not.
CREATE TABLE lifted_suppressions (
    lifted_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id text NOT NULL,
    channel text NOT NULL,
    subject text NOT NULL,
    reason text NOT NULL,
    source text,
    status text,
    closed_at timestamptz NOT NULL,
    lifted_at timestamptz NOT NULL DEFAULT now(),
    lifted_by text NOT NULL,
    why text NOT NULL
);
CREATE INDEX lifted_suppressions_of_store ON lifted_suppressions (store_id, lifted_id);
