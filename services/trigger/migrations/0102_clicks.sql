-- Who followed the link of which message, as the notifier tells it (message.clicked): campaigns may end by it. A running release
-- reads none.
CREATE TABLE clicks (
    reminder_id uuid PRIMARY KEY,
    store_id text NOT NULL,
    customer_id text NOT NULL,
    campaign text NOT NULL,
    clicked_at timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX clicks_of_customer ON clicks (store_id, customer_id);
CREATE INDEX clicks_at ON clicks (clicked_at);
-- In which currencies each store sells, as the cart tells it (store.described); NULL is unknown.
CREATE TABLE stores (
    store_id text PRIMARY KEY,
    version bigint NOT NULL,
    currencies text[]
);
