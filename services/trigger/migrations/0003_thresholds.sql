-- At which level the crossing was; NULL where a release wrote it that only knew what campaigns say.
ALTER TABLE fan_outs ADD COLUMN threshold bigint CHECK (threshold >= 0);
