-- When people begin to be told: a campaign may wait for what else runs low. NULL, where a release wrote the row that did
-- not know of it, is two seconds after the crossing.
ALTER TABLE fan_outs ADD COLUMN begins_at timestamptz;
-- When a page of it was told last, so that fan-outs take turns. NULL is not yet, or by a release that took the oldest.
ALTER TABLE fan_outs ADD COLUMN worked_at timestamptz;
