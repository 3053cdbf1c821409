-- In which cart the item is set aside, where that is why somebody waits for it: such a row goes by what the cart's events say. NULL,
-- also where a running release writes the row, is a watch that somebody asked for. A running release tells both alike.
ALTER TABLE watches ADD COLUMN saved_in uuid;
