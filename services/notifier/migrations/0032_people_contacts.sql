-- no transaction
-- who else has this address
CREATE INDEX CONCURRENTLY contacts_email ON contacts (store_id, lower(email)) WHERE email IS NOT NULL;
