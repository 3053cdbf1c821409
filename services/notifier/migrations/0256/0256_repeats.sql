-- What somebody wishes for besides `sku`, all of it in `skus`, and how often. A running release writes neither, and asks
-- about one product and every month: null says that.
ALTER TABLE monthly_wishes ADD COLUMN skus text[], ADD COLUMN every text;
