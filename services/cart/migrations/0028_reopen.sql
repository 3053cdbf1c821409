-- Units by sku that are in a cart again, because the order came to nothing: they come back once.
ALTER TABLE orders
    ADD COLUMN given_back jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(given_back) = 'object');
ALTER TABLE order_events ADD COLUMN reopen boolean NOT NULL DEFAULT false;
-- What a running release writes is allowed by the new one, too.
-- squawk-ignore ban-drop-constraint
ALTER TABLE order_events DROP CONSTRAINT order_events_type_check;
ALTER TABLE order_events ADD CONSTRAINT order_events_type_check
    CHECK (type IN ('cancelled', 'payment_failed', 'returned', 'shipped', 'delivered')) NOT VALID;
