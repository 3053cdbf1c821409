-- An order that came to nothing may be placed anew under its id: paid at the second try. `attempt` counts those, in the order
-- and in what became of it, so that what ended one says nothing of the next. `reopened` are the carts in which its goods are
-- again, `earlier_carts` all that earlier attempts had to do with.
ALTER TABLE orders
    ADD COLUMN attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    ADD COLUMN reopened uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN earlier_carts uuid[] NOT NULL DEFAULT '{}';
ALTER TABLE order_events ADD COLUMN attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0);
