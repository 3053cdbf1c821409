-- By which channels besides e-mail and texts a customer can be reached, as it was told: any names, for stores have channels of their own.
-- NULL where nothing was told of those, as also where a running release writes the row: each of them may be open then.
ALTER TABLE reach ADD COLUMN channels text[];
