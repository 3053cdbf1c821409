-- The picture of the item that somebody waits for: a message shows it. A running release knows nothing of it.
ALTER TABLE watches ADD COLUMN image_url text;
