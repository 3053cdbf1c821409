-- Which templates (by name the channels that they have words for) and pools of coupons a store's campaigns may name, as the
-- notifier tells it (campaign.assets). Of a store that is not here, and of templates that are null, nothing is known.
CREATE TABLE campaign_assets (
    store_id text PRIMARY KEY,
    version bigint NOT NULL,
    templates jsonb,
    pools text[] NOT NULL
);
