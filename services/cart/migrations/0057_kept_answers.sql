-- Of a command to a cart only what is said once is kept (notices, mostly none), beside status and tag: the cart is
-- answered as it is. All other answers are kept whole, without `once`, as this release's forerunner kept every one.
ALTER TABLE idempotency_keys
    ADD COLUMN once bytea,
    ALTER COLUMN answer DROP NOT NULL;
ALTER TABLE idempotency_keys
    ADD CONSTRAINT idempotency_keys_kept_check CHECK ((answer IS NULL) <> (once IS NULL)) NOT VALID;
