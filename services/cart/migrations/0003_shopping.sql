-- A link that shows a cart to others; raising the epoch revokes those that are out. A running release knows nothing of it.
ALTER TABLE carts ADD COLUMN share_epoch integer NOT NULL DEFAULT 0 CHECK (share_epoch >= 0);

-- Housekeeping walks a store's active carts page by page. The key never changes, so that a change of lines still touches
-- no index; one on updated_at would be written with every change.
CREATE INDEX carts_active ON carts (store_id, cart_id) WHERE status = 'active';

-- What the store last said that a sku costs, in each currency in which it sells.
CREATE TABLE prices (
    store_id text NOT NULL,
    sku text NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    price bigint NOT NULL CHECK (price >= 0), -- minor units of currency
    version bigint NOT NULL CHECK (version >= 1),
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, sku, currency)
);

-- Notices that were seen on a device. Notices themselves are worked out on each read.
CREATE TABLE notice_acks (
    cart_id uuid NOT NULL REFERENCES carts ON DELETE CASCADE,
    device text NOT NULL, -- '' where the device has no name
    notice_id uuid NOT NULL,
    acknowledged_at timestamptz NOT NULL,
    PRIMARY KEY (cart_id, device, notice_id)
);

-- What an order was answered, beside the carts that it closed: the same order again gives the same answer.
ALTER TABLE orders
    ADD COLUMN next_carts uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN mismatches json NOT NULL DEFAULT '[]' CHECK (json_typeof(mismatches) = 'array'); -- kept to the byte
