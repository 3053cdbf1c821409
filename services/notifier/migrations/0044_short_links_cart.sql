-- no transaction
CREATE UNIQUE INDEX CONCURRENTLY deliveries_cart_link ON deliveries (cart_link) WHERE cart_link IS NOT NULL;
