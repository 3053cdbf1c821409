-- No process of this release or a later one asks by transaction ids. The index goes with its column.
DROP TRIGGER stores_written ON stores;
DROP FUNCTION stores_written();
ALTER TABLE stores DROP COLUMN xid;
