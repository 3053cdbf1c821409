-- Hashes of a message's two short links. A running release makes none.
ALTER TABLE deliveries ADD COLUMN unsubscribe_link bytea, ADD COLUMN cart_link bytea;
