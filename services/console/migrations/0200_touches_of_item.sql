-- no transaction
-- what was told about an item; most reminders are about none
CREATE INDEX CONCURRENTLY touches_of_item ON touches (store_id, sku, happened_at) WHERE sku IS NOT NULL;
