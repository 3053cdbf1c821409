-- Of which goods (goods_version) the checkout was begun last, so that it is told once for the same goods. A running release
-- leaves it as it is: at worst it is told once more.
ALTER TABLE carts ADD COLUMN checkout_version bigint;
