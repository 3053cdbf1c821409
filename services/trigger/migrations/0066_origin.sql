-- Who last changed a cart's goods where that was no shopper: staff, bot, import. A running release knows nothing of it, and takes
-- everybody for a shopper, as it always has.
ALTER TABLE carts ADD COLUMN origin text;
