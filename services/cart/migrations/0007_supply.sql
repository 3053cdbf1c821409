-- `inventory` stays the sum that everybody reads. A running release writes levels without a location, and nothing else.
ALTER TABLE inventory
    ADD COLUMN located bigint NOT NULL DEFAULT 0 CHECK (located >= 0), -- units of the sum that lie at named locations
    ADD COLUMN sequence bigint CHECK (sequence >= 0), -- of the level that was told without a location
    ADD COLUMN low boolean, -- NULL: its crossings were not watched yet
    ADD COLUMN threshold bigint CHECK (threshold >= 0), -- its own, before any rule of the store
    ADD COLUMN category text CHECK (category <> ''),
    ADD COLUMN held_until timestamptz; -- when the last reservation ends: past it nobody has to look for one
ALTER TABLE inventory SET (fillfactor = 80); -- levels are updated in place all day long

ALTER TABLE prices ADD COLUMN sequence bigint CHECK (sequence >= 0);

-- What each location said last. Whoever writes here holds the row of the sku in `inventory`.
CREATE TABLE inventory_locations (
    store_id text NOT NULL,
    sku text NOT NULL,
    location text NOT NULL CHECK (location <> ''),
    available bigint NOT NULL CHECK (available >= 0),
    version bigint NOT NULL CHECK (version >= 1),
    sequence bigint CHECK (sequence >= 0),
    low boolean NOT NULL,
    threshold bigint CHECK (threshold >= 0),
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, sku, location)
) WITH (fillfactor = 80);

-- How far each partition of a feed was taken in: a record that comes again has no second effect.
CREATE TABLE feed_progress (
    topic text NOT NULL,
    partition integer NOT NULL CHECK (partition >= 0),
    taken bigint NOT NULL CHECK (taken >= 0), -- the newest offset
    written_at timestamptz NOT NULL, -- the newest time of a record: after it, older offsets belong to a topic made anew
    PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);

-- Units that a cart holds back from others for some minutes. `ordered`: until the shop tells the level without them.
CREATE TABLE reservations (
    store_id text NOT NULL,
    sku text NOT NULL,
    cart_id uuid NOT NULL REFERENCES carts ON DELETE CASCADE,
    units bigint NOT NULL CHECK (units > 0),
    ordered boolean NOT NULL DEFAULT false,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, sku, cart_id)
);
CREATE INDEX reservations_of_cart ON reservations (cart_id);
CREATE INDEX reservations_to_forget ON reservations (expires_at);
