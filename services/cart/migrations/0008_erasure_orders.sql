-- no transaction
CREATE INDEX CONCURRENTLY orders_of_customer ON orders (store_id, customer_id) WHERE customer_id IS NOT NULL;
