-- What an order is known by when it is told again by another system, and what of it was in no cart: that may be on its way.
ALTER TABLE orders
    ADD COLUMN cart_id uuid, -- in the key of everything that is told of the order
    ADD COLUMN units jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(units) = 'object'), -- bought, by sku; {}: not said
    ADD COLUMN awaited jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(awaited) = 'object'), -- by sku
    ADD COLUMN also bytea[] NOT NULL DEFAULT '{}'; -- fingerprints of other payloads that were the same order

-- What became of orders: each fact once, whoever tells it and however often.
CREATE TABLE order_events (
    store_id text NOT NULL,
    order_id text NOT NULL,
    type text NOT NULL CHECK (type IN ('cancelled', 'returned', 'shipped', 'delivered')),
    occurred_at timestamptz NOT NULL, -- by the shop's clock
    sequence bigint NOT NULL CHECK (sequence >= 0), -- tells facts of one instant apart
    units jsonb NOT NULL CHECK (jsonb_typeof(units) = 'object'), -- by sku; {}: all of the order
    mismatch text CHECK (mismatch IN ('status', 'quantity')),
    received_at timestamptz NOT NULL,
    told_at timestamptz, -- NULL: the order itself has not been told yet
    PRIMARY KEY (store_id, order_id, occurred_at, type, sequence)
);
CREATE INDEX order_events_waiting ON order_events (received_at) WHERE told_at IS NULL;
