-- How the tables that are written all day are kept small. By default a fifth of a table has to be dead before it is cleaned
-- up, which of a large one is a lot at once; and a fill factor leaves room for the next version of a row on its own page.
ALTER TABLE carts SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.2);
ALTER TABLE inventory SET (autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE inventory_locations SET (autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE prices SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE profiles SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.1);
ALTER TABLE identities SET (autovacuum_vacuum_scale_factor = 0.1);
-- each row is written and, a day or some weeks later, removed
ALTER TABLE idempotency_keys SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.5);
ALTER TABLE merges SET (autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE notice_acks SET (autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE orders SET (autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE order_events SET (autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE audit_log SET (autovacuum_vacuum_scale_factor = 0.1);
-- rows live for minutes: cleaned up by count
ALTER TABLE reservations SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
