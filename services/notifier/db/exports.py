"""Everything that is held on a customer. Takes a connection, never commits."""

from typing import Any

from libs.postgres.pool import Connection
from services.notifier.db.contacts import handles_of

CONTACTS = """
SELECT version, email, phone, name, locale, timezone, country, region, email_consent, sms_consent, handles
FROM contacts WHERE store_id = $1 AND customer_id = $2
"""
DELIVERIES = """
SELECT reminder_id, campaign, kind, step, channel, template, cart_id, cart_version, order_id, sku, threshold,
       price, due_at, expires_at, handed_over::text AS handed_over,
       ARRAY (SELECT jsonb_array_elements_text(coalesce(channels, jsonb_build_array(channel)))) AS channels,
       CASE WHEN also_low IS NOT NULL
            THEN ARRAY (SELECT item ->> 'sku' FROM jsonb_array_elements(also_low) AS item) END AS also_low,
       CASE WHEN viewed IS NOT NULL THEN ARRAY (SELECT jsonb_array_elements_text(viewed)) END AS viewed,
       variant, coupon, coupon_from ->> 'pool' AS coupon_pool, coupon_code, coupon_until, times_abandoned,
       content, state, reason, failures, provider_id, received_at, sending_at, finished_at
FROM deliveries WHERE store_id = $1 AND customer_id = $2 ORDER BY received_at, reminder_id
"""
# Of an address only the hash is kept: that this one is closed can be told as long as the address is known.
SUPPRESSIONS = """
SELECT channel, reason, source, status, created_at, split_part(subject, ':', 1) AS of
FROM suppressions
WHERE store_id = $1 AND subject IN (
    SELECT 'customer:' || $2
    UNION ALL SELECT address_subject(email) FROM contacts WHERE store_id = $1 AND customer_id = $2
    UNION ALL SELECT address_subject(phone) FROM contacts WHERE store_id = $1 AND customer_id = $2
    UNION ALL SELECT address_subject(value ->> 'handle') FROM contacts, jsonb_each(handles)
    WHERE store_id = $1 AND customer_id = $2)
ORDER BY created_at
"""
LIFTED = """
SELECT channel, reason, source, status, closed_at, lifted_at, lifted_by, why, split_part(subject, ':', 1) AS of
FROM lifted_suppressions
WHERE store_id = $1 AND subject IN (
    SELECT 'customer:' || $2
    UNION ALL SELECT address_subject(email) FROM contacts WHERE store_id = $1 AND customer_id = $2
    UNION ALL SELECT address_subject(phone) FROM contacts WHERE store_id = $1 AND customer_id = $2
    UNION ALL SELECT address_subject(value ->> 'handle') FROM contacts, jsonb_each(handles)
    WHERE store_id = $1 AND customer_id = $2)
ORDER BY lifted_id
"""
REPLIES = """
SELECT message_sid, meaning, received_at, read_as, read_at FROM replies WHERE store_id = $1 AND customer_id = $2
ORDER BY received_at
"""
ANSWERS = """
SELECT a.reminder_id, a.answer, nullif(a.weight, '') AS weight, a.provider, a.status, a.reason, a.times, a.first_at,
       a.last_at
FROM answers a JOIN deliveries d USING (reminder_id) WHERE d.store_id = $1 AND d.customer_id = $2
ORDER BY a.first_at, a.reminder_id, a.answer
"""
REACH = """
SELECT email, sms, timezone, country, region, channels FROM reach
WHERE store_id = $1 AND customer_id = $2 AND version > 0
"""
# Of an address only the hash is kept; whose it is stands with the contact.
CONFIRMATIONS = """
SELECT channel, confirmed_at FROM confirmations WHERE store_id = $1 AND customer_id = $2 ORDER BY channel
"""
# As suppressions are told, those of their addresses as long as these are known.
PREFERENCES = """
SELECT channel, declined, paused_until, split_part(subject, ':', 1) AS of
FROM preferences
WHERE store_id = $1 AND subject IN (
    SELECT 'customer:' || $2
    UNION ALL SELECT address_subject(email) FROM contacts WHERE store_id = $1 AND customer_id = $2
    UNION ALL SELECT address_subject(phone) FROM contacts WHERE store_id = $1 AND customer_id = $2)
ORDER BY channel, subject
"""
PREFERENCE_CHANGES = """
SELECT reminder_id, was::text AS was, became::text AS became, wording, changed_at
FROM preference_changes WHERE store_id = $1 AND customer_id = $2 ORDER BY change_id
"""
COUPONS = """
SELECT pool, code, taken_at, valid_until FROM coupon_codes WHERE store_id = $1 AND customer_id = $2
ORDER BY taken_at, code
"""
PIXEL_CONSENTS = "SELECT agreed, said_at, wording, told_by FROM pixel_consents WHERE store_id = $1 AND customer_id = $2"
MONTHLY_WISHES = """
SELECT sku, coalesce(skus, ARRAY[sku]) AS skus, coalesce(every, 'month') AS every, order_id, wished_at, wording, asked,
    asked_at, confirmed_at, confirmed_wording
FROM monthly_wishes WHERE store_id = $1 AND customer_id = $2 ORDER BY wished_at, sku
"""
KINDS = {
    "contacts": CONTACTS,
    "messages": DELIVERIES,
    "answers": ANSWERS,
    "suppressions": SUPPRESSIONS,
    "lifted_suppressions": LIFTED,
    "replies": REPLIES,
    "reach": REACH,
    "confirmations": CONFIRMATIONS,
    "preferences": PREFERENCES,
    "preference_changes": PREFERENCE_CHANGES,
    "coupons": COUPONS,
    "pixel_consents": PIXEL_CONSENTS,
    "monthly_wishes": MONTHLY_WISHES,
}


async def everything(connection: Connection, store_id: str, customer_id: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by kind; `content` of messages as it is kept."""
    found = {
        kind: [dict(row) for row in await connection.fetch(query, store_id, customer_id)]
        for kind, query in KINDS.items()
    }
    for contact in found["contacts"]:
        contact["handles"] = handles_of(contact["handles"])
    return found
