-- Further items that ran low with the one that a message is about. A running release names that one alone.
ALTER TABLE deliveries ADD COLUMN also_low jsonb;
