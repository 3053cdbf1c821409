-- no transaction
CREATE INDEX CONCURRENTLY deliveries_recipient ON deliveries (store_id, recipient, sending_at) WHERE recipient IS NOT NULL;
