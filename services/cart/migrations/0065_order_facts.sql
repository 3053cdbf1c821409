-- What events tell of an order beside what it holds: a word of the shop for where it was placed, and the price of a unit by sku,
-- of as many as were told. A running release knows nothing of it.
ALTER TABLE orders ADD COLUMN channel text;
ALTER TABLE orders ADD COLUMN prices jsonb NOT NULL DEFAULT '{}';
