-- Of a message that a shop's server has handed over: its `variables`, which key did it (`by`), and a hash of what was asked
-- (`asked`). A running release hands over none, and sends those that are by the words it has.
ALTER TABLE deliveries ADD COLUMN handed_over jsonb;
