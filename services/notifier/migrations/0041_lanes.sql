-- no transaction
-- what is due in each lane, a store and a channel: small, because what has ended is not in it
CREATE INDEX CONCURRENTLY deliveries_next_of_lane ON deliveries (store_id, channel, next_at)
WHERE state IN ('pending', 'sending');
