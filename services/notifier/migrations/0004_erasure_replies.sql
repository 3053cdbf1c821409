-- no transaction
CREATE INDEX CONCURRENTLY replies_of_customer ON replies (store_id, customer_id) WHERE customer_id IS NOT NULL;
