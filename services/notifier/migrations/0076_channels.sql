-- By which channels a reminder may go, the preferred one first (JSON array of strings), where it may go by several. `channel`
-- is the one by which it goes as things stand. A running release leaves it NULL, and sends by `channel` alone.
ALTER TABLE deliveries ADD COLUMN channels jsonb;
