-- no transaction
-- finds messages that are over: they are written in the order of time
CREATE INDEX CONCURRENTLY deliveries_old ON deliveries USING brin (received_at);
