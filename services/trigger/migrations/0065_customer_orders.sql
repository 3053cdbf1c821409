-- What customers have ordered, each order as the newest that was told of it says: segments and what comes after an order go by
-- it. A running release passes orders over; what it read stays unknown.
CREATE TABLE customer_orders (
    store_id text NOT NULL,
    order_id text NOT NULL,
    customer_id text NOT NULL,
    cart_id uuid,
    placed_at timestamptz NOT NULL, -- by the shop's clock, or when it was told first
    currency text,
    total bigint CHECK (total >= 0), -- minor units, less what was cancelled or returned
    status text NOT NULL,
    channel text,
    first_told_at timestamptz NOT NULL,
    last_told_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, order_id)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX customer_orders_of_customer ON customer_orders (store_id, customer_id, placed_at);
CREATE INDEX customer_orders_placed_at ON customer_orders (placed_at);
