-- Where further channels (WhatsApp, Telegram) reach a customer: channel → handle, consent and since when. A running release
-- leaves them as they are.
ALTER TABLE profiles ADD COLUMN handles jsonb NOT NULL DEFAULT '{}';
-- What a look says of them: channel → known, or agreed to.
CREATE FUNCTION handles_say(handles jsonb, consent boolean) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(key, NOT consent OR coalesce((value ->> 'consent')::boolean, false)), '{}')
    FROM jsonb_each(handles)
$$;
