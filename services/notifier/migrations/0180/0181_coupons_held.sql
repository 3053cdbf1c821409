-- no transaction
-- which other messages hold a code
CREATE INDEX CONCURRENTLY deliveries_coupon_code ON deliveries (store_id, coupon_code) WHERE coupon_code IS NOT NULL;
