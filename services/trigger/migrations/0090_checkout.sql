-- Since when a cart's shopper is paying for the goods that are in it, as campaigns of checkouts count from it. A running
-- release leaves it as it is.
ALTER TABLE carts ADD COLUMN checkout_since timestamptz;
