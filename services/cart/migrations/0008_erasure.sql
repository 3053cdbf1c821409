-- What was asked for, and under which names, until every service has answered; then a receipt is left that names nobody.
-- A running release knows nothing of it.
CREATE TABLE erasures (
    erasure_id uuid PRIMARY KEY,
    store_id text NOT NULL,
    marks text[] NOT NULL, -- keyed hashes of the customer's names; the first is of the name that was asked for
    customer_ids text[], -- NULL once it is done
    profile_version bigint NOT NULL,
    erased_until timestamptz NOT NULL, -- what is older is the customer's who was erased
    requested_at timestamptz NOT NULL,
    asked_at timestamptz NOT NULL, -- when the other services were last asked
    swept_at timestamptz, -- when nothing was left in this database
    done_at timestamptz,
    CHECK ((customer_ids IS NULL) = (done_at IS NOT NULL))
);
CREATE INDEX erasures_pending ON erasures (asked_at) WHERE done_at IS NULL;
CREATE INDEX erasures_of_customer ON erasures USING gin (marks);
CREATE INDEX erasures_old ON erasures (store_id, requested_at);

-- The lines of a receipt.
CREATE TABLE erasure_places (
    erasure_id uuid NOT NULL REFERENCES erasures ON DELETE CASCADE,
    service text NOT NULL CHECK (service <> ''),
    place text NOT NULL CHECK (place <> ''),
    done text NOT NULL CHECK (done IN ('deleted', 'anonymised', 'hashed', 'tombstoned', 'expires')),
    rows bigint CHECK (rows >= 0), -- NULL: not known, as of topics
    at timestamptz NOT NULL,
    gone_by timestamptz,
    PRIMARY KEY (erasure_id, service, place)
);

-- The customer whom a kept answer of the store's servers names. A running release leaves it out, for 24 hours at most.
ALTER TABLE idempotency_keys ADD COLUMN about text;
