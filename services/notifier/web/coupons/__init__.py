"""A store's pools of coupons."""
