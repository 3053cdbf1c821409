-- What a decision rested on: which version of the store's campaigns, the step's name, the arm, what the cart came to. NULL
-- where a release wrote the row that did not keep it, and where there is no such thing.
ALTER TABLE decisions
    ADD COLUMN campaign_version text,
    ADD COLUMN step_name text,
    ADD COLUMN arm text,
    ADD COLUMN total bigint,
    ADD COLUMN currency text;
