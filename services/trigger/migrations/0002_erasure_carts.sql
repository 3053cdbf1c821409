-- no transaction
-- whose carts, for erasure and export; of a column that a change of the cart leaves as it is, so that it stays HOT
CREATE INDEX CONCURRENTLY carts_of_customer ON carts (store_id, customer_id) WHERE customer_id IS NOT NULL;
