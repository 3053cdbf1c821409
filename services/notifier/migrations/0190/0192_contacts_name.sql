-- no transaction
-- whom a signed link to a chat is of
CREATE INDEX CONCURRENTLY contacts_name ON contacts (contact_name(store_id, customer_id));
