-- no transaction
-- which message a provider speaks of by its own name for it
CREATE INDEX CONCURRENTLY deliveries_provider_id ON deliveries (provider_id) WHERE provider_id IS NOT NULL;
