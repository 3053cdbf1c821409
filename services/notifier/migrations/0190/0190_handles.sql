-- Where further channels (WhatsApp, Telegram) reach a customer: channel → handle, consent and since when; by which of them they
-- can be reached was told last (`channels`). A running release leaves both as they are, and tells nothing of them.
ALTER TABLE contacts ADD COLUMN handles jsonb NOT NULL DEFAULT '{}';
ALTER TABLE reach ADD COLUMN channels text[] NOT NULL DEFAULT '{}';

-- Where a channel reaches somebody, and whether they agreed to it: in one place, for every query.
CREATE FUNCTION address_on(channel text, email text, phone text, handles jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE channel WHEN 'email' THEN email WHEN 'sms' THEN phone ELSE handles -> channel ->> 'handle' END
$$;
CREATE FUNCTION agreed_on(channel text, email_consent boolean, sms_consent boolean, handles jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE channel WHEN 'email' THEN email_consent WHEN 'sms' THEN sms_consent
        ELSE coalesce((handles -> channel ->> 'consent')::boolean, false) END
$$;
-- The further channels that are open to a customer.
CREATE FUNCTION further_reached(store text, customer text, handles jsonb) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(key ORDER BY key), '{}') FROM jsonb_each(handles)
    WHERE reached_by(store, customer, key, value ->> 'handle', (value ->> 'consent')::boolean)
$$;
-- What names a customer in a link that ties a chat to them; the link is signed.
CREATE FUNCTION contact_name(store text, customer text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT md5(store || chr(31) || customer)
$$;
