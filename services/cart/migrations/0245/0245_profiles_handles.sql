-- no transaction
-- guests who have left a handle that somebody has who is erased: they are forgotten with them
CREATE INDEX CONCURRENTLY profiles_handles ON profiles USING gin (handles jsonb_path_ops) WHERE handles <> '{}';
