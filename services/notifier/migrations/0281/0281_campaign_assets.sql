-- What was told last of the templates and pools of coupons of a store (campaign.assets). `version` 0 is nothing yet.
CREATE TABLE campaign_assets (
    store_id text PRIMARY KEY,
    version bigint NOT NULL DEFAULT 0,
    templates jsonb,
    pools text[] NOT NULL DEFAULT '{}'
);
