-- No relay of this release or a later one reads it.
ALTER TABLE outbox DROP COLUMN xid;
