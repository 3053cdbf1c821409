-- What items cost: all prices of each, as `price.levels` tells them: [[currency, options, price], …]. A running release reads none.
CREATE TABLE price_levels (
    store_id text NOT NULL,
    sku text NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    prices jsonb NOT NULL,
    PRIMARY KEY (store_id, sku)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
-- The prices that fell, of a fan-out that is about those.
ALTER TABLE fan_outs ADD COLUMN fallen jsonb;
-- squawk-ignore ban-drop-constraint
ALTER TABLE fan_outs DROP CONSTRAINT fan_outs_state_check;
ALTER TABLE fan_outs ADD CONSTRAINT fan_outs_state_check CHECK (
    state IN ('open', 'done', 'expired', 'restocked', 'superseded', 'sold_out', 'switched_off', 'failed')
) NOT VALID;
-- What the item cost, in minor units of the cart's currency, where somebody was told of that: nobody is told of a price twice.
ALTER TABLE decisions ADD COLUMN price bigint;
