-- Which stores have a campaign file of their own: a campaign that such a file leaves out is off, and new when it comes
-- back. A running release knows nothing of it.
CREATE TABLE campaign_files (
    store_id text PRIMARY KEY
);
INSERT INTO campaign_files (store_id) SELECT DISTINCT store_id FROM campaign_activations WHERE store_id <> '*';
