"""How customers can be reached now, and what was told of it last. Functions take a connection, and never commit."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from libs.erasure.store import Person
from libs.postgres.pool import Connection

# In one order, and made where they are missing: whoever tells of a customer is alone with them, and sees what was
# written before the others let go.
HOLD = """
INSERT INTO reach AS r (store_id, customer_id)
SELECT store_id, customer_id FROM unnest($1::text[], $2::text[]) AS t (store_id, customer_id)
ORDER BY store_id, customer_id
ON CONFLICT (store_id, customer_id) DO UPDATE SET customer_id = excluded.customer_id
"""

# What is told anew is later than anything before it, also than what was told of somebody who was erased since.
READ = """
SELECT store_id, customer_id, greatest(r.version + 1, (extract(epoch FROM clock_timestamp()) * 1e6)::bigint) AS version,
       c.customer_id IS NOT NULL AS known, c.timezone, c.country, c.region,
       reached_by(store_id, customer_id, 'email', c.email, c.email_consent) AS email,
       reached_by(store_id, customer_id, 'sms', c.phone, c.sms_consent) AS sms,
       further_reached(store_id, customer_id, c.handles) AS channels,
       r.version > 0 AS was_told, r.email AS told_email, r.sms AS told_sms, r.timezone AS told_timezone,
       r.channels AS told_channels, r.country AS told_country, r.region AS told_region
FROM reach AS r LEFT JOIN contacts AS c USING (store_id, customer_id)
JOIN unnest($1::text[], $2::text[]) AS t (store_id, customer_id) USING (store_id, customer_id)
ORDER BY store_id, customer_id
"""

NOTE = """
UPDATE reach AS r SET version = t.version, email = t.email, sms = t.sms, timezone = t.timezone,
    channels = string_to_array(t.channels, ' '), country = t.country, region = t.region
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::boolean[], $5::boolean[], $6::text[], $7::text[], $8::text[],
        $9::text[])
    AS t (store_id, customer_id, version, email, sms, timezone, channels, country, region)
WHERE (r.store_id, r.customer_id) = (t.store_id, t.customer_id)
"""

FORGET = """
DELETE FROM reach USING unnest($1::text[], $2::text[]) AS t (store_id, customer_id)
WHERE (reach.store_id, reach.customer_id) = (t.store_id, t.customer_id)
"""

AT_ADDRESS = """
SELECT customer_id FROM contacts WHERE $2 = 'email' AND store_id = $1 AND lower(email) = lower($3)
UNION ALL
SELECT customer_id FROM contacts WHERE $2 = 'sms' AND store_id = $1 AND phone = $3
UNION ALL
SELECT customer_id FROM contacts WHERE $2 NOT IN ('email', 'sms') AND store_id = $1 AND handles <> '{}'
    AND handles @> jsonb_build_object($2::text, jsonb_build_object('handle', $3::text))
"""

AT_ADDRESS_OF = """
SELECT other.customer_id FROM contacts AS me JOIN contacts AS other
    ON other.store_id = me.store_id AND lower(other.email) = lower(me.email)
WHERE $3 = 'email' AND me.store_id = $1 AND me.customer_id = $2
UNION ALL
SELECT other.customer_id FROM contacts AS me JOIN contacts AS other
    ON other.store_id = me.store_id AND other.phone = me.phone
WHERE $3 = 'sms' AND me.store_id = $1 AND me.customer_id = $2
UNION ALL
SELECT other.customer_id FROM contacts AS me JOIN contacts AS other
    ON other.store_id = me.store_id AND other.handles <> '{}'
        AND other.handles @> jsonb_build_object($3::text, jsonb_build_object('handle', me.handles -> $3 ->> 'handle'))
WHERE $3 NOT IN ('email', 'sms') AND me.store_id = $1 AND me.customer_id = $2 AND me.handles ? $3
"""

# The places of a walk through all contacts: of each the last of a page, and those in it that are to be told.
PAGE = """
SELECT store_id, customer_id, r.version IS NULL OR r.timezone IS DISTINCT FROM c.timezone
    OR r.country IS DISTINCT FROM c.country OR r.region IS DISTINCT FROM c.region
    OR r.email IS DISTINCT FROM reached_by(store_id, customer_id, 'email', c.email, c.email_consent)
    OR r.sms IS DISTINCT FROM reached_by(store_id, customer_id, 'sms', c.phone, c.sms_consent)
    OR r.channels IS DISTINCT FROM further_reached(store_id, customer_id, c.handles) AS stale
FROM contacts AS c LEFT JOIN reach AS r USING (store_id, customer_id)
WHERE (store_id, customer_id) > ($1, $2)
ORDER BY store_id, customer_id LIMIT $3
"""


_TOLD = ("email", "sms", "timezone", "country", "region", "channels")


@dataclass(frozen=True, slots=True)
class Reached:
    """How a customer can be reached now (`known`: if there is a contact at all), and whether that is `news`."""

    store_id: str
    customer_id: str
    version: int
    email: bool
    sms: bool
    channels: list[str]
    timezone: str | None
    country: str | None
    region: str | None
    known: bool
    was_told: bool
    news: bool


async def hold(connection: Connection, people: Collection[Person]) -> list[Reached]:
    """How people can be reached now; nobody else tells of them until the caller's transaction ends."""
    stores, customers = _columns(people)
    await connection.execute(HOLD, stores, customers)
    found = []
    for row in await connection.fetch(READ, stores, customers):
        values = dict(row)
        told = [values.pop(f"told_{name}") for name in _TOLD]
        news = not row["was_told"] or told != [row[name] for name in _TOLD]
        found.append(Reached(**values, news=news))
    return found


async def note(connection: Connection, told: Sequence[Reached]) -> None:
    """Notes what is told of them."""
    who = ([one.store_id for one in told], [one.customer_id for one in told], [one.version for one in told])
    how = ([one.email for one in told], [one.sms for one in told], [one.timezone for one in told])
    where = ([one.country for one in told], [one.region for one in told])
    await connection.execute(NOTE, *who, *how, [" ".join(one.channels) for one in told], *where)


async def forget(connection: Connection, people: Collection[Person]) -> None:
    """Forgets what was told of them."""
    await connection.execute(FORGET, *_columns(people))


async def at_address(connection: Connection, store_id: str, channel: str, address: str) -> set[Person]:
    """The customers who have an address on a channel."""
    return {(store_id, row["customer_id"]) for row in await connection.fetch(AT_ADDRESS, store_id, channel, address)}


async def at_address_of(connection: Connection, store_id: str, customer_id: str, channel: str) -> set[Person]:
    """The customers who have the address of this one on a channel."""
    rows = await connection.fetch(AT_ADDRESS_OF, store_id, customer_id, channel)
    return {(store_id, row["customer_id"]) for row in rows}


async def page(connection: Connection, after: Person, limit: int) -> tuple[Person | None, set[Person]]:
    """The next place of a walk through all contacts, None at the end, and who up to there is to be told of."""
    rows = await connection.fetch(PAGE, *after, limit)
    stale = {(row["store_id"], row["customer_id"]) for row in rows if row["stale"]}
    return ((rows[-1]["store_id"], rows[-1]["customer_id"]) if len(rows) == limit else None), stale


def _columns(people: Collection[Person]) -> tuple[list[str], list[str]]:
    ordered = sorted(people)
    return [store_id for store_id, _ in ordered], [customer_id for _, customer_id in ordered]
