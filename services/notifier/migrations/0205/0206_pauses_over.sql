-- no transaction
-- Pauses of recipients that end next.
CREATE INDEX CONCURRENTLY preferences_pauses ON preferences (paused_until) WHERE paused_until IS NOT NULL;
