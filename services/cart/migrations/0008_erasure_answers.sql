-- no transaction
CREATE INDEX CONCURRENTLY idempotency_keys_about ON idempotency_keys (store_id, about) WHERE about IS NOT NULL;
