-- Whether a customer can be reached by a channel, in one place: an address, consent, and nothing that closes it. A running
-- release asks for itself.
CREATE FUNCTION reached_by(store text, customer text, by_channel text, address text, consent boolean) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT address IS NOT NULL AND coalesce(consent, false) AND NOT EXISTS (SELECT FROM suppressions s
        WHERE s.store_id = store AND s.channel = by_channel
          AND s.subject IN ('customer:' || customer, address_subject(address)))
$$;
