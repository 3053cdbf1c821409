-- no transaction
-- whether somebody has told of another item of the campaign since then: asked before each page, of all fan-outs of 90 days
CREATE INDEX CONCURRENTLY fan_outs_worked ON fan_outs (store_id, campaign, worked_at);
