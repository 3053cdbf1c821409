-- What an order was of: who bought an item is told nothing of it. NULL, also where a running release writes the row, is unknown.
ALTER TABLE customer_orders ADD COLUMN skus text[];
