"""What is known of the person whom a reminder is for. Functions take a connection, and never commit.

E-mail goes to the e-mail address, every other channel to the phone number.
"""

from libs.postgres.pool import Connection
from services.notifier.domain.reminder import Contact, RecipientState, Reminder

READ = """
SELECT c.version, c.email, c.phone, c.name, c.locale, c.timezone, c.email_consent, c.sms_consent,
       (SELECT s.reason FROM suppressions s
        WHERE s.store_id = $1 AND s.channel = $3
          AND s.subject IN ('customer:' || $2,
                            address_subject(CASE $3 WHEN 'email' THEN c.email ELSE c.phone END))
        LIMIT 1) AS suppressed,
       (SELECT max(d.sending_at) FROM deliveries d
        WHERE d.store_id = $1 AND d.customer_id = $2 AND d.channel = $3 AND d.reminder_id <> $4
          AND d.state IN ('sending', 'sent', 'unknown')) AS last_sent_at,
       EXISTS (SELECT FROM deliveries d
        WHERE d.store_id = $1 AND d.cart_id = $5 AND d.cart_version = $6 AND d.channel = $3 AND d.kind = $7
          AND d.customer_id = $2 AND d.reminder_id <> $4
          AND d.state IN ('sending', 'sent', 'unknown')) AS episode_sent
FROM (SELECT 1) AS one LEFT JOIN contacts c ON c.store_id = $1 AND c.customer_id = $2
"""

# One transaction at a time decides about one customer and channel: two workers can't both find the cap unused.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1 || chr(31) || $2 || chr(31) || $3, 0))"


async def read(connection: Connection, r: Reminder) -> RecipientState:
    """What is known now of the person whom a reminder is for."""
    who, episode = (r.store_id, r.customer_id, r.channel, r.reminder_id), (r.cart_id, r.cart_version, r.kind)
    row = await connection.fetchrow(READ, *who, *episode)
    assert row is not None
    values = dict(row)
    rest = {name: values.pop(name) for name in ("suppressed", "last_sent_at", "episode_sent")}
    return RecipientState(contact=None if values["version"] is None else Contact(**values), **rest)


async def lock(connection: Connection, r: Reminder) -> None:
    """Until the end of the transaction nobody else decides about this customer on this channel."""
    await connection.execute(LOCK, r.store_id, r.customer_id, r.channel)
