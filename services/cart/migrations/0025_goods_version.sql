-- The version at which goods or quantities last changed: what reminders name. NULL, where a release wrote the row that did not
-- know of it, is the row's version.
ALTER TABLE carts ADD COLUMN goods_version bigint;
-- Since then its customer has ordered, and its goods have not changed: nobody is reminded of it.
ALTER TABLE carts ADD COLUMN silent_since timestamptz;
