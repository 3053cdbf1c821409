-- no transaction
-- what was decided on a cart, to explain it; rows of decisions are never changed, so the index costs one entry each
CREATE INDEX CONCURRENTLY decisions_of_cart ON decisions (cart_id, decided_at);
