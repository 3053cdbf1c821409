-- What was told last of how a customer may be reached (customer.reach): yes or no, never an address. `version` 0 is nothing yet.
-- A running release tells nothing; what changes meanwhile is told by the next round of the job (jobs/reach.py).
CREATE TABLE reach (
    store_id text NOT NULL,
    customer_id text NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    email boolean NOT NULL DEFAULT false,
    sms boolean NOT NULL DEFAULT false,
    timezone text,
    PRIMARY KEY (store_id, customer_id)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.1);
