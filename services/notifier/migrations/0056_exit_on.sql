-- What ends a reminder although the cart's goods are as they were. NULL, also where a running release writes the row: any order.
ALTER TABLE deliveries ADD COLUMN exit_on jsonb;
