-- no transaction
CREATE UNIQUE INDEX CONCURRENTLY deliveries_unsubscribe_link ON deliveries (unsubscribe_link)
WHERE unsubscribe_link IS NOT NULL;
