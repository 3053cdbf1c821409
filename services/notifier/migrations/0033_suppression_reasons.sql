-- no transaction
CREATE UNIQUE INDEX CONCURRENTLY suppressions_by_reason ON suppressions (store_id, channel, subject, reason);
