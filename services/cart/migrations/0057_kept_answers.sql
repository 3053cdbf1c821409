-- Of a command to a cart only what is said once is kept (notices, mostly none), beside status and tag: the cart is
-- answered as it is. All other answers are kept whole, without `once`, as this release's forerunner kept every one.
ALTER TABLE idempotency_keys
    ADD COLUMN once bytea,
    ALTER COLUMN answer SET DEFAULT '';
ALTER TABLE idempotency_keys
    ADD CONSTRAINT idempotency_keys_kept_check CHECK (once IS NULL OR answer = '') NOT VALID;
