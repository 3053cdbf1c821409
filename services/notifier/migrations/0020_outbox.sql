-- When a row was written, by the database's clock: how long events wait is asked of the database. The transaction's id
-- has nothing to say any more (libs/outbox/decisions/order.md); the relay of a running release still reads it.
ALTER TABLE outbox ADD COLUMN occurred_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE outbox ALTER COLUMN occurred_at SET DEFAULT clock_timestamp();
