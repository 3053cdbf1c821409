-- As for carts (0160): looked for day by day instead.
ALTER TABLE idempotency_keys
    DROP CONSTRAINT idempotency_keys_fingerprint_check,
    DROP CONSTRAINT idempotency_keys_kept_check;
