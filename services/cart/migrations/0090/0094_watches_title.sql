-- What the page called the item that somebody waits for, and where it is: a message names it so.
ALTER TABLE watches ADD COLUMN title text, ADD COLUMN url text;
-- squawk-ignore require-concurrent-index-creation -- the table is as new as this
CREATE INDEX watches_taken_from ON watches (store_id, taken_from) WHERE taken_from IS NOT NULL;
