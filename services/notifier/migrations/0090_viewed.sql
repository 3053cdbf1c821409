-- What the customer of a reminder looked at: a list of skus. A running release asks for nothing with it.
ALTER TABLE deliveries ADD COLUMN viewed jsonb;
