-- no transaction
-- As by e-mail, by phone.
CREATE INDEX CONCURRENTLY profiles_phone ON profiles (store_id, phone) WHERE phone IS NOT NULL;
