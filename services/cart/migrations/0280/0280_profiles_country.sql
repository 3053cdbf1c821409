-- The country (ISO 3166-1 alpha-2) and the region in it (as in ISO 3166-2) of a customer's address. A running release leaves
-- both as they are.
ALTER TABLE profiles
    ADD COLUMN country text,
    ADD COLUMN region text;
