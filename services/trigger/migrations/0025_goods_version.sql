-- The version at which goods or quantities last changed, by which episodes are named. NULL, where a release wrote the row that
-- did not know of it, is the row's version.
ALTER TABLE carts ADD COLUMN goods_version bigint;
-- Whether the customer has ordered since the goods last changed: nobody is reminded of the cart until they do.
ALTER TABLE carts ADD COLUMN silent boolean NOT NULL DEFAULT false;
