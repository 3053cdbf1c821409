-- Which further items a message about an item names, as a list of skus: who was told of one so is not told of it again. NULL,
-- also where a running release writes the row, is all that ran low within the campaign's time.
ALTER TABLE decisions ADD COLUMN named jsonb;
