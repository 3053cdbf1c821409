-- Where an unclear reply came from, of an address the hash, and what a person has read in it. A running release writes
-- none of it: of its replies only the customer is known, where it is.
ALTER TABLE replies
    ADD COLUMN channel text,
    ADD COLUMN subject text,
    ADD COLUMN read_as text,
    ADD COLUMN read_by text,
    ADD COLUMN read_at timestamptz;
