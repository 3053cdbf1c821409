-- Whether the message came to nothing, as the notifier told (message.cancelled, .expired, .failed): whom it was for was not told of its
-- items, and they don't cool down. NULL, also where a running release writes the row, is all others.
ALTER TABLE decisions ADD COLUMN came_to_nothing boolean;
