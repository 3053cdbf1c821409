-- Names of goods have one spelling from here on: NFC, without blanks at the ends. Rows that were stored under another
-- one get it, unless there is one under it already: that one counts then, and nobody asks for the other any more.
-- Carts, orders and their facts are spelled when they are read.
CREATE FUNCTION pg_temp.spelled(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT normalize(btrim(name, E'\t\n\x0b\f\r\x1c\x1d\x1e\x1f ' || U&'\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006'
        || U&'\2007\2008\2009\200a\2028\2029\202f\205f\3000\200b\2060\feff'))
$$;
UPDATE inventory SET sku = pg_temp.spelled(inventory.sku)
FROM (
    SELECT DISTINCT ON (store_id, pg_temp.spelled(sku)) store_id, sku FROM inventory AS odd
    WHERE sku <> pg_temp.spelled(sku) AND pg_temp.spelled(sku) <> '' AND NOT EXISTS (
        SELECT FROM inventory AS right_one
        WHERE right_one.store_id = odd.store_id AND right_one.sku = pg_temp.spelled(odd.sku))
    ORDER BY store_id, pg_temp.spelled(sku), updated_at DESC
) AS odd
WHERE inventory.store_id = odd.store_id AND inventory.sku = odd.sku;
UPDATE inventory_locations AS place
SET sku = odd.plain_sku, location = odd.plain_location
FROM (
    SELECT DISTINCT ON (store_id, plain_sku, plain_location) store_id, sku, location, plain_sku, plain_location
    FROM (
        SELECT *, pg_temp.spelled(sku) AS plain_sku, pg_temp.spelled(location) AS plain_location
        FROM inventory_locations
    ) AS named
    WHERE (sku, location) <> (plain_sku, plain_location) AND '' NOT IN (plain_sku, plain_location) AND NOT EXISTS (
        SELECT FROM inventory_locations AS right_one WHERE right_one.store_id = named.store_id
          AND (right_one.sku, right_one.location) = (named.plain_sku, named.plain_location))
    ORDER BY store_id, plain_sku, plain_location, updated_at DESC
) AS odd
WHERE (place.store_id, place.sku, place.location) = (odd.store_id, odd.sku, odd.location);
UPDATE prices SET sku = pg_temp.spelled(prices.sku)
FROM (
    SELECT DISTINCT ON (store_id, pg_temp.spelled(sku), currency) store_id, sku, currency FROM prices AS odd
    WHERE sku <> pg_temp.spelled(sku) AND pg_temp.spelled(sku) <> '' AND NOT EXISTS (
        SELECT FROM prices AS right_one WHERE right_one.store_id = odd.store_id
          AND right_one.sku = pg_temp.spelled(odd.sku) AND right_one.currency = odd.currency)
    ORDER BY store_id, pg_temp.spelled(sku), currency, updated_at DESC
) AS odd
WHERE (prices.store_id, prices.sku, prices.currency) = (odd.store_id, odd.sku, odd.currency);
