-- What the item costs that a message is about, up to which it holds. A running release knows no such message.
ALTER TABLE deliveries ADD COLUMN price bigint CHECK (price >= 0);
