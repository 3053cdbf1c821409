-- When somebody first followed the message's link to the cart. NULL, also where a running release redirects, is not that is known.
ALTER TABLE deliveries ADD COLUMN clicked_at timestamptz;
