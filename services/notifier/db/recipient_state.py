"""What is known of the people whom reminders are for. Functions take a connection, and never commit.

A person is an address, whichever customers have it: e-mail goes to the e-mail address, a text to the phone number, all
else to a handle of its own. Addresses are compared as `spelled`, without their case, and what was sent to them is found
by their hash.
"""

from collections.abc import Sequence

from pydantic_core import to_json

from libs.postgres.pool import Connection, Row
from services.notifier.db.contacts import handles_of
from services.notifier.domain import confirmation
from services.notifier.domain.kinds.registry import KINDS, of_latest_carts, of_one_abandonment, uncapped
from services.notifier.domain.reminder import Contact, RecipientState, Reminder

# Of many reminders in one statement, each looked up by itself: as one join they would be hashed whole tables. They come
# as JSON, of which the planner expects a hundred rows whatever they are. Of arrays it counts the elements, and goes on
# to plan each call anew, which takes as long as looking thirty of them up.
# `people` are the customers of the address, this one among them. Another's reminder counts only if it may be sent: one
# that has no consent must not silence one that has. What is no marketing ($3) uses up no cap. Kinds that are
# told once of a cart ($4) take it from each other.
READ = """
SELECT state.*
FROM json_to_recordset($1::json)
    AS r (place int, store_id text, customer_id text, channel text, reminder_id uuid, cart_id uuid, cart_version bigint,
          kind text, received_at timestamptz, quiet_at timestamptz, campaign text, step int, purpose text)
CROSS JOIN LATERAL (
    WITH me AS (
        SELECT *, address_subject(address) AS subject
        FROM contacts CROSS JOIN LATERAL address_on(r.channel, email, phone, handles) AS address
        WHERE store_id = r.store_id AND customer_id = r.customer_id
    ), people AS (
        SELECT other.customer_id, other.version, other.timezone, other.country, other.region,
               other.email_consent AS agreed
        FROM me JOIN contacts AS other ON other.store_id = r.store_id AND lower(other.email) = lower(me.email)
        WHERE r.channel = 'email'
        UNION ALL
        SELECT other.customer_id, other.version, other.timezone, other.country, other.region,
               other.sms_consent AS agreed
        FROM me JOIN contacts AS other ON other.store_id = r.store_id AND other.phone = me.phone
        WHERE r.channel = 'sms'
        UNION ALL
        SELECT other.customer_id, other.version, other.timezone, other.country, other.region,
               agreed_on(r.channel, false, false, other.handles)
        FROM me JOIN contacts AS other ON other.store_id = r.store_id AND other.handles <> '{}'
            AND other.handles @> jsonb_build_object(r.channel, jsonb_build_object('handle', me.address))
        WHERE r.channel NOT IN ('email', 'sms')
    )
    SELECT c.version, c.email, c.phone, c.name, c.locale, c.timezone, c.email_consent, c.sms_consent, c.handles,
           c.country, c.region,
           (SELECT p.agreed FROM pixel_consents p
            WHERE p.store_id = r.store_id AND p.customer_id = r.customer_id) AS pixel_consent,
           (SELECT s.reason FROM suppressions s
            WHERE s.store_id = r.store_id AND s.channel = r.channel
              AND s.subject IN ('customer:' || r.customer_id, c.subject)
            ORDER BY s.reason = 'unsubscribed' LIMIT 1) AS suppressed,
           (SELECT timezone FROM people WHERE timezone IS NOT NULL ORDER BY version DESC LIMIT 1)
            AS timezone_of_address,
           lives.country_of_address, lives.region_of_address,
           greatest(
            (SELECT max(d.sending_at) FROM deliveries d
             WHERE d.store_id = r.store_id AND d.recipient = c.subject AND d.channel = r.channel
               AND d.reminder_id <> r.reminder_id
               AND d.kind <> ALL ($3::text[]) AND d.state IN ('sending', 'sent', 'unknown')),
            (SELECT max(d.sending_at) FROM deliveries d
             WHERE d.store_id = r.store_id AND d.customer_id = r.customer_id AND d.channel = r.channel
               AND d.reminder_id <> r.reminder_id
               AND d.kind <> ALL ($3::text[]) AND d.state IN ('sending', 'sent', 'unknown'))) AS last_sent_at,
           EXISTS (SELECT FROM deliveries d
            WHERE d.store_id = r.store_id AND d.cart_id = r.cart_id AND d.cart_version = r.cart_version
              AND d.channel = r.channel AND d.kind = ANY ($4::text[]) AND d.customer_id = r.customer_id
              AND d.reminder_id <> r.reminder_id AND d.state IN ('sending', 'sent', 'unknown')) AS episode_sent,
           r.kind = ANY ($2::text[]) AND EXISTS (SELECT FROM people JOIN deliveries d
              ON d.store_id = r.store_id AND d.customer_id = people.customer_id
            WHERE people.agreed AND d.channel = r.channel AND d.kind = ANY ($2) AND d.cart_id <> r.cart_id
              AND d.expires_at > now()
              AND (d.state = 'pending'
                   OR d.state IN ('sending', 'sent', 'unknown') AND d.sending_at >= r.received_at)
              AND (coalesce(d.quiet_since, d.due_at), d.cart_id) > (r.quiet_at, r.cart_id)
              AND NOT EXISTS (SELECT FROM suppressions s
                WHERE s.store_id = r.store_id AND s.channel = r.channel
                  AND s.subject = 'customer:' || d.customer_id)) AS newer_cart,
           asking.asked_at, asking.asked,
           chosen.declined, chosen.rests_until,
           EXISTS (SELECT FROM pauses p
            WHERE p.store_id = r.store_id AND p.campaign IN ('', r.campaign) AND p.step IN (0, r.step)
              AND p.channel IN ('', r.channel)) AS paused
    FROM (SELECT 1) AS one LEFT JOIN me AS c ON true LEFT JOIN LATERAL (
        SELECT country AS country_of_address, region AS region_of_address FROM people
        WHERE country IS NOT NULL ORDER BY version DESC LIMIT 1
    ) AS lives ON true CROSS JOIN LATERAL (
        SELECT max(d.sending_at) AS asked_at, count(*) AS asked FROM deliveries d
        WHERE r.kind = $5 AND d.store_id = r.store_id AND d.recipient = c.subject
          AND d.channel = r.channel AND d.kind = $5 AND d.reminder_id <> r.reminder_id
          AND d.state IN ('sending', 'sent', 'unknown') AND d.sending_at > now() - $6::interval
    ) AS asking CROSS JOIN LATERAL (
        SELECT coalesce(bool_or(r.purpose = ANY (p.declined)), false) AS declined, max(p.paused_until) AS rests_until
        FROM preferences p
        WHERE p.store_id = r.store_id AND p.channel = r.channel
          AND p.subject IN ('customer:' || r.customer_id, c.subject)
    ) AS chosen
) AS state
ORDER BY r.place
"""

# One transaction at a time decides about one customer and one address on a channel: two workers can't both find the cap
# unused. All customers' locks come before all addresses', each in their order, so nobody waits in a circle.
LOCK = """
SELECT pg_advisory_xact_lock(key) FROM (
    SELECT rank, key FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
        AS r (store_id, customer_id, channel, address)
    CROSS JOIN LATERAL (VALUES
        (0, hashtextextended(store_id || chr(31) || customer_id || chr(31) || channel, 0)),
        (1, hashtextextended(store_id || chr(31) || channel || chr(31) || address_subject(address), 1))
    ) AS lock (rank, key)
    ORDER BY rank, key
) AS in_order
"""
_ASKED = (
    *("store_id", "customer_id", "channel", "reminder_id", "cart_id", "cart_version", "kind", "received_at"),
    *("campaign", "step"),
)
_TOLD = (
    *("suppressed", "last_sent_at", "episode_sent", "newer_cart", "asked_at", "asked", "paused", "declined"),
    "rests_until",
)
_WHERE = ("timezone", "country", "region")
_CONTACT = ("version", "email", "phone", "name", "locale", "timezone", "email_consent", "sms_consent")


async def read(connection: Connection, reminders: Sequence[Reminder]) -> list[RecipientState]:
    """What is known now of the people whom reminders are for, in their order, all of one moment."""
    asked = to_json([_row(place, r) for place, r in enumerate(reminders)]).decode()
    kinds = (of_latest_carts(), uncapped(), of_one_abandonment(), confirmation.KIND, confirmation.PER)
    return [_state(row) for row in await connection.fetch(READ, asked, *kinds)]


def _row(place: int, r: Reminder) -> dict[str, object]:
    asked = {name: getattr(r, name) for name in _ASKED}
    purpose = KINDS[r.kind].purpose if r.kind in KINDS else ""
    return asked | {"place": place, "quiet_at": r.quiet_since or r.due_at, "purpose": purpose}


def _state(row: Row) -> RecipientState:
    contact = (
        None
        if row["version"] is None
        else Contact(
            *(row[name] for name in _CONTACT),
            handles=handles_of(row["handles"]),
            **{name: row[name] for name in ("pixel_consent", "country", "region")},
        )
    )
    rest = {name: row[name] for name in _TOLD} | {name: row[f"{name}_of_address"] for name in _WHERE}
    return RecipientState(contact=contact, **rest)


async def lock(connection: Connection, people: Sequence[tuple[Reminder, str]]) -> None:
    """Until the end of the transaction nobody else decides about these customers or addresses on their channels."""
    rows = [(r.store_id, r.customer_id, r.channel, address) for r, address in people]
    await connection.execute(LOCK, *([row[n] for row in rows] for n in range(4)))
