-- When the item sold out last, for campaigns that go by that, and since when those wait whom a fan-out tells. NULL, also where a
-- running release writes the row, is never, and nobody.
ALTER TABLE stock_levels ADD COLUMN sold_out_at timestamptz;
ALTER TABLE fan_outs ADD COLUMN waiting_since timestamptz;
