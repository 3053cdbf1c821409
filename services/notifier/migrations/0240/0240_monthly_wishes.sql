-- Who would like to have a product again every month, in which words they were asked, and when: told to the shop once whoever
-- has the address has confirmed it. Of the messages that ask for that `asked` were sent, the last at `asked_at`. A running
-- release asks nobody.
CREATE TABLE monthly_wishes (
    store_id text NOT NULL,
    customer_id text NOT NULL,
    sku text NOT NULL,
    order_id text NOT NULL,
    wished_at timestamptz NOT NULL,
    wording text NOT NULL,
    asked integer NOT NULL,
    asked_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    confirmed_wording text,
    PRIMARY KEY (store_id, customer_id, order_id)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX monthly_wishes_by_time ON monthly_wishes (store_id, asked_at);
