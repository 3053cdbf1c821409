-- The country and region of a customer's address, by which laws go first, and what was told of them to whoever tries
-- campaigns. A running release leaves them as they are.
ALTER TABLE contacts
    ADD COLUMN country text,
    ADD COLUMN region text;
ALTER TABLE reach
    ADD COLUMN country text,
    ADD COLUMN region text;
