-- no transaction
-- Where the goods of a guest's token went, for as long as a merge can be undone.
CREATE INDEX CONCURRENTLY merges_of_guest ON merges (guest_token_hash, merge_id DESC)
    WHERE guest_token_hash IS NOT NULL AND undoing IS NOT NULL;
