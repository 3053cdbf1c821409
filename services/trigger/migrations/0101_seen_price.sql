-- What a unit cost, in minor units of the cart's currency, when the units of this item in this cart last changed: what its customer
-- saw. NULL, also where a running release writes the row, is unknown.
ALTER TABLE holdings ADD COLUMN seen_price bigint;
