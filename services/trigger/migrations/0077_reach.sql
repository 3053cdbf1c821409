-- How customers can be reached, as the notifier tells it (customer.reach): yes or no by channel, and where they are. Of whom
-- nothing is here nothing is known.
CREATE TABLE reach (
    store_id text NOT NULL,
    customer_id text NOT NULL,
    version bigint NOT NULL,
    email boolean NOT NULL,
    sms boolean NOT NULL,
    timezone text,
    PRIMARY KEY (store_id, customer_id)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.1);
