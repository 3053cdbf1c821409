-- Every text message that came in, once, by the provider's id for it. What it said is not kept: whoever has to read one
-- that could not be understood finds it at the provider under this id.
CREATE TABLE replies (
    message_sid text NOT NULL,
    store_id text NOT NULL,
    meaning text NOT NULL CHECK (meaning IN ('stop', 'start', 'help', 'unclear', 'other')),
    customer_id text,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (message_sid, store_id)
);

-- the list for a person
CREATE INDEX replies_unclear ON replies (store_id, received_at) WHERE meaning = 'unclear';
-- whose number it is
CREATE INDEX contacts_phone ON contacts (store_id, phone) WHERE phone IS NOT NULL;
