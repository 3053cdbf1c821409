-- What a sku costs with some choice of options. What it costs whatever is chosen stays in `prices`.
CREATE TABLE option_prices (
    store_id text NOT NULL,
    sku text NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    options jsonb NOT NULL CHECK (jsonb_typeof(options) = 'object' AND options <> '{}'),
    price bigint NOT NULL CHECK (price >= 0),
    version bigint NOT NULL CHECK (version >= 1),
    sequence bigint CHECK (sequence >= 0),
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, sku, currency, options)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

-- The price of goods with these options: of those that fit, the one that names most options counts (objects with more
-- keys are greater), and of several that name as many always the same one. Plain enough to be put into the queries.
CREATE FUNCTION told_price(of_store text, of_sku text, of_currency text, of_options jsonb)
RETURNS TABLE (price bigint, version bigint, updated_at timestamptz) LANGUAGE sql STABLE AS $$
    SELECT told.price, told.version, told.updated_at FROM (
        SELECT own.options, own.price, own.version, own.updated_at FROM option_prices AS own
        WHERE own.store_id = of_store AND own.sku = of_sku AND own.currency = of_currency
          AND of_options @> own.options
        UNION ALL
        SELECT '{}', plain.price, plain.version, plain.updated_at FROM prices AS plain
        WHERE plain.store_id = of_store AND plain.sku = of_sku AND plain.currency = of_currency
    ) AS told ORDER BY told.options DESC LIMIT 1
$$;
