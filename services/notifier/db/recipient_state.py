"""What is known of the person whom a reminder is for. Functions take a connection, and never commit.

A person is an address, whichever customers have it: e-mail goes to the e-mail address, every other channel to the phone
number. Addresses are compared as `spelled`, without their case, and what was sent to them is found by their hash.
"""

from libs.postgres.pool import Connection
from services.notifier.domain import confirmation
from services.notifier.domain.kinds.registry import KINDS, of_latest_carts, of_one_abandonment, uncapped
from services.notifier.domain.reminder import Contact, RecipientState, Reminder

# `people` are the customers of the address, this one among them. Another's reminder counts only if it may be sent: one
# that has no consent must not silence one that has. What is no marketing ($11) uses up no cap. Kinds that are
# told once of a cart ($12) take it from each other.
READ = """
WITH me AS (
    SELECT *, CASE $3 WHEN 'email' THEN email ELSE phone END AS address
    FROM contacts WHERE store_id = $1 AND customer_id = $2
), people AS (
    SELECT other.customer_id, other.version, other.timezone, other.email_consent AS agreed
    FROM me JOIN contacts AS other ON other.store_id = $1 AND lower(other.email) = lower(me.email)
    WHERE $3 = 'email'
    UNION ALL
    SELECT other.customer_id, other.version, other.timezone, other.sms_consent AS agreed
    FROM me JOIN contacts AS other ON other.store_id = $1 AND other.phone = me.phone
    WHERE $3 <> 'email'
)
SELECT c.version, c.email, c.phone, c.name, c.locale, c.timezone, c.email_consent, c.sms_consent,
       (SELECT s.reason FROM suppressions s
        WHERE s.store_id = $1 AND s.channel = $3
          AND s.subject IN ('customer:' || $2, address_subject(c.address))
        ORDER BY s.reason = 'unsubscribed' LIMIT 1) AS suppressed,
       (SELECT timezone FROM people WHERE timezone IS NOT NULL ORDER BY version DESC LIMIT 1) AS timezone_of_address,
       greatest(
        (SELECT max(d.sending_at) FROM deliveries d
         WHERE d.store_id = $1 AND d.recipient = address_subject(c.address) AND d.channel = $3 AND d.reminder_id <> $4
           AND d.kind <> ALL ($11::text[]) AND d.state IN ('sending', 'sent', 'unknown')),
        (SELECT max(d.sending_at) FROM deliveries d
         WHERE d.store_id = $1 AND d.customer_id = $2 AND d.channel = $3 AND d.reminder_id <> $4
           AND d.kind <> ALL ($11::text[]) AND d.state IN ('sending', 'sent', 'unknown'))) AS last_sent_at,
       EXISTS (SELECT FROM deliveries d
        WHERE d.store_id = $1 AND d.cart_id = $5 AND d.cart_version = $6 AND d.channel = $3
          AND d.kind = ANY ($12::text[]) AND d.customer_id = $2 AND d.reminder_id <> $4
          AND d.state IN ('sending', 'sent', 'unknown')) AS episode_sent,
       $7 = ANY ($8::text[]) AND EXISTS (SELECT FROM people JOIN deliveries d
          ON d.store_id = $1 AND d.customer_id = people.customer_id
        WHERE people.agreed AND d.channel = $3 AND d.kind = ANY ($8) AND d.cart_id <> $5 AND d.expires_at > now()
          AND (d.state = 'pending' OR d.state IN ('sending', 'sent', 'unknown') AND d.sending_at >= $9)
          AND (coalesce(d.quiet_since, d.due_at), d.cart_id) > ($10, $5)
          AND NOT EXISTS (SELECT FROM suppressions s
            WHERE s.store_id = $1 AND s.channel = $3 AND s.subject = 'customer:' || d.customer_id)) AS newer_cart,
       asking.asked_at, asking.asked,
       EXISTS (SELECT FROM preferences p
        WHERE p.store_id = $1 AND p.channel = $3 AND p.subject IN ('customer:' || $2, address_subject(c.address))
          AND $17 = ANY (p.declined)) AS declined,
       (SELECT max(p.paused_until) FROM preferences p
        WHERE p.store_id = $1 AND p.channel = $3
          AND p.subject IN ('customer:' || $2, address_subject(c.address))) AS rests_until,
       EXISTS (SELECT FROM pauses p
        WHERE p.store_id = $1 AND p.campaign IN ('', $15) AND p.step IN (0, $16) AND p.channel IN ('', $3)) AS paused
FROM (SELECT 1) AS one LEFT JOIN me AS c ON true CROSS JOIN LATERAL (
    SELECT max(d.sending_at) AS asked_at, count(*) AS asked FROM deliveries d
    WHERE $7 = $13 AND d.store_id = $1 AND d.recipient = address_subject(c.address) AND d.channel = $3 AND d.kind = $13
      AND d.reminder_id <> $4 AND d.state IN ('sending', 'sent', 'unknown') AND d.sending_at > now() - $14::interval
) AS asking
"""

# One transaction at a time decides about one customer and one address on a channel: two workers can't both find the cap
# unused. The customer's lock comes first everywhere, so nobody waits in a circle.
LOCK = """
SELECT pg_advisory_xact_lock(hashtextextended($1 || chr(31) || $2 || chr(31) || $3, 0)),
       pg_advisory_xact_lock(hashtextextended($1 || chr(31) || $3 || chr(31) || address_subject($4), 1))
"""


async def read(connection: Connection, r: Reminder) -> RecipientState:
    """What is known now of the person whom a reminder is for."""
    waiting = (of_latest_carts(), r.received_at, r.quiet_since or r.due_at)
    who, episode = (r.store_id, r.customer_id, r.channel, r.reminder_id), (r.cart_id, r.cart_version, r.kind)
    kinds = (uncapped(), of_one_abandonment(), confirmation.KIND, confirmation.PER)
    purpose = KINDS[r.kind].purpose if r.kind in KINDS else ""
    row = await connection.fetchrow(READ, *who, *episode, *waiting, *kinds, r.campaign, r.step, purpose)
    assert row is not None
    values = dict(row)
    told = (
        "suppressed",
        "last_sent_at",
        "episode_sent",
        "newer_cart",
        "asked_at",
        "asked",
        "paused",
        "declined",
        "rests_until",
    )
    rest = {name: values.pop(name) for name in told}
    zone = values.pop("timezone_of_address")
    return RecipientState(contact=None if values["version"] is None else Contact(**values), timezone=zone, **rest)


async def lock(connection: Connection, r: Reminder, address: str) -> None:
    """Until the end of the transaction nobody else decides about this customer or address on this channel."""
    await connection.execute(LOCK, r.store_id, r.customer_id, r.channel, address)
