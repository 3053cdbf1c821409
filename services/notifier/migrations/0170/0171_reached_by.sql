-- Who has paused all messages can't be reached meanwhile. A running release asks the same function.
CREATE OR REPLACE FUNCTION reached_by(store text, customer text, by_channel text, address text, consent boolean)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT address IS NOT NULL AND coalesce(consent, false) AND NOT EXISTS (SELECT FROM suppressions s
        WHERE s.store_id = store AND s.channel = by_channel
          AND s.subject IN ('customer:' || customer, address_subject(address)))
        AND NOT EXISTS (SELECT FROM preferences p
        WHERE p.store_id = store AND p.channel = by_channel AND p.paused_until > now()
          AND p.subject IN ('customer:' || customer, address_subject(address)))
$$;
