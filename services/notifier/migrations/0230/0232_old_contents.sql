-- no transaction
-- A store may keep the contents of its messages for less long than what became of them.
CREATE INDEX CONCURRENTLY deliveries_content ON deliveries (store_id, finished_at) WHERE content IS NOT NULL;
