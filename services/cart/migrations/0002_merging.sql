-- Lines that are set aside count in no total; attributes say where a cart comes from. A running release knows neither.
ALTER TABLE carts
    ADD COLUMN saved jsonb NOT NULL DEFAULT '[]'
        CHECK (jsonb_typeof(saved) = 'array' AND jsonb_array_length(saved) <= 500),
    ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object');

-- What each log-in did, and what undoing it has to know. They go with their cart.
CREATE TABLE merges (
    merge_id uuid PRIMARY KEY,
    cart_id uuid NOT NULL REFERENCES carts ON DELETE CASCADE, -- whose owner may see and undo it
    guest_token_hash bytea CHECK (octet_length(guest_token_hash) = 32), -- NULL: it was another customer's cart
    receipt jsonb NOT NULL,
    undoing jsonb, -- NULL once it is too late
    undo_until timestamptz NOT NULL,
    undone_at timestamptz
);
CREATE INDEX merges_of_cart ON merges (cart_id, merge_id DESC);
CREATE INDEX merges_to_forget ON merges (undo_until) WHERE undoing IS NOT NULL;

-- Other names of one customer: a loyalty number, a terminal, an account that was merged. Never a name of a name.
CREATE TABLE identities (
    store_id text NOT NULL,
    identity text NOT NULL CHECK (identity <> ''),
    customer_id text NOT NULL CHECK (customer_id <> ''),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, identity),
    CHECK (identity <> customer_id)
);
CREATE INDEX identities_of_customer ON identities (store_id, customer_id);
