-- Lines that are set aside count in no total; attributes say where a cart comes from. A running release knows neither.
ALTER TABLE carts
    ADD COLUMN saved jsonb NOT NULL DEFAULT '[]'
        CHECK (jsonb_typeof(saved) = 'array' AND jsonb_array_length(saved) <= 500),
    ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object');
