-- no transaction
-- who has a handle, of one who writes or is blocked
CREATE INDEX CONCURRENTLY contacts_handles ON contacts USING gin (handles jsonb_path_ops) WHERE handles <> '{}';
