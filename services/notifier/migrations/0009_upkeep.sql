-- How the tables that are written all day are kept small: by default a fifth of a table has to be dead before it is cleaned up.
ALTER TABLE contacts SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.1);
ALTER TABLE suppressions SET (autovacuum_vacuum_scale_factor = 0.1);
ALTER TABLE replies SET (autovacuum_vacuum_scale_factor = 0.1);
-- a delivery is written three times: taken up, begun, ended
ALTER TABLE deliveries SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
