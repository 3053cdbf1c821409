"""Addresses that have to say yes before anything is sent to them. Functions take a connection, and never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from libs.contracts.events import ProfileSet
from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.notifier.domain.addresses import spelled
from services.notifier.domain.confirmation import KIND, address_of

WAIT = """
INSERT INTO confirmations (store_id, customer_id, channel, recipient, profile_version)
VALUES ($1, $2, $3, address_subject($4), $5)
ON CONFLICT (store_id, customer_id, channel) DO UPDATE
SET recipient = excluded.recipient, profile_version = excluded.profile_version, confirmed_at = NULL
"""
# The cart has written the yes down; another address, or a consent that was withdrawn, has none.
SETTLE = """
UPDATE confirmations SET confirmed_at = coalesce(confirmed_at, now()), profile_version = $5
WHERE store_id = $1 AND customer_id = $2 AND channel = $3 AND recipient = address_subject($4)
"""
DROP = "DELETE FROM confirmations WHERE store_id = $1 AND customer_id = $2 AND channel <> ALL ($3::text[])"
ERASE = "DELETE FROM confirmations WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND profile_version <= $3"
QUESTION = """
SELECT store_id, customer_id, channel, recipient FROM deliveries
WHERE cart_link = $1 AND kind = $2 AND sending_at > now() - $3::interval
"""
ASKED = """
SELECT customer_id, profile_version, confirmed_at IS NOT NULL AS confirmed FROM confirmations
WHERE store_id = $1 AND channel = $2 AND recipient = $3 ORDER BY customer_id FOR UPDATE
"""
CONFIRM = """
UPDATE confirmations SET confirmed_at = now() WHERE store_id = $1 AND channel = $2 AND recipient = $3
    AND customer_id = ANY ($4::text[]) AND confirmed_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Question:
    """A question that was sent to an address, of which the hash is known: for whom, and by which channel."""

    store_id: str
    customer_id: str
    channel: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who has left the address of a question; whether it said yes."""

    customer_id: str
    profile_version: int
    confirmed: bool


async def keep(connection: Connection, profile: ProfileSet) -> None:
    """Takes over which addresses of a profile wait for a yes, and which need none any more."""
    who, kept = (profile.store_id, profile.customer_id), []
    further = [(channel, one.consent) for channel, one in (profile.handles or {}).items()]
    for channel, agreed in (("email", profile.email_consent), ("sms", profile.sms_consent), *further):
        address, waits = address_of(profile, channel), channel in (profile.unconfirmed or ())
        if address is None or not (waits or agreed):
            continue
        of_channel = (*who, channel, spelled(address), profile.profile_version)
        if rows_affected(await connection.execute(WAIT if waits else SETTLE, *of_channel)):
            kept.append(channel)
    await connection.execute(DROP, *who, kept)


async def erase(connection: Connection, store_id: str, customer_ids: Sequence[str], profile_version: int) -> int:
    """Forgets what was left in profiles up to a version; how many addresses that were."""
    return rows_affected(await connection.execute(ERASE, store_id, customer_ids, profile_version))


async def question(connection: Connection, link: bytes, valid: timedelta) -> Question | None:
    """The question of a hashed link, if it is not older than `valid`."""
    row = await connection.fetchrow(QUESTION, link, KIND, valid)
    return None if row is None else Question(**row)


async def asked(connection: Connection, asking: Question) -> list[Asked]:
    """All who have left its address, locked: an answer counts once."""
    rows = await connection.fetch(ASKED, asking.store_id, asking.channel, asking.recipient)
    return [Asked(**row) for row in rows]


async def confirm(connection: Connection, asking: Question, customer_ids: Sequence[str]) -> None:
    """Writes down that its address has said yes for these: whoever has left it since has yet to be told of."""
    await connection.execute(CONFIRM, asking.store_id, asking.channel, asking.recipient, customer_ids)
