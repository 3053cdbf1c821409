-- How the tables that are written all day are kept small: by default a fifth of a table has to be dead before it is cleaned up.
ALTER TABLE stock_levels SET (autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE decisions SET (autovacuum_vacuum_scale_factor = 0.05); -- a row is written and, months later, removed
