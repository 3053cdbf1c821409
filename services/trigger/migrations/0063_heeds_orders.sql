-- Whether an order ends the reminders of a silent cart for every campaign, whatever its `exit_on` says. NULL, where a release
-- wrote the row that did not know of it, is whether the cart is silent: none of its campaigns went on then.
ALTER TABLE carts ADD COLUMN heeds_orders boolean;
