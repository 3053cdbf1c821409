-- How many copies of a message a provider may have: two at most, whatever happens. A running release leaves it at 0, which
-- of a row that is 'sending' counts as 1.
ALTER TABLE deliveries ADD COLUMN copies bigint NOT NULL DEFAULT 0;
