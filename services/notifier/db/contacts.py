"""How customers may be reached. Functions take a connection, and never commit."""

from collections.abc import Mapping
from typing import Final

from pydantic import TypeAdapter

from libs.contracts.events import Handle, ProfileSet
from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.notifier.domain.addresses import spelled
from services.notifier.domain.reminder import Contact

# The newest version wins whatever the order of arrival; after an erasure anything is new.
KEEP = """
INSERT INTO contacts (store_id, customer_id, version, email, phone, name, locale, timezone, email_consent, sms_consent,
    handles, country, region)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (store_id, customer_id) DO UPDATE
SET version = excluded.version, email = excluded.email, phone = excluded.phone, name = excluded.name,
    locale = excluded.locale, timezone = excluded.timezone, email_consent = excluded.email_consent,
    sms_consent = excluded.sms_consent, handles = excluded.handles, country = excluded.country,
    region = excluded.region
WHERE contacts.version < excluded.version
"""

OF_EMAIL = """
SELECT customer_id FROM contacts WHERE store_id = $1 AND lower(email) = lower($2) ORDER BY customer_id LIMIT $3
"""
OF_PHONE = "SELECT customer_id FROM contacts WHERE store_id = $1 AND phone = $2 ORDER BY customer_id LIMIT $3"

ERASE = "DELETE FROM contacts WHERE store_id = $1 AND customer_id = $2"

LOCALE_AT = """
SELECT locale FROM contacts WHERE $2 = 'sms' AND store_id = $1 AND phone = $3
UNION ALL
SELECT locale FROM contacts WHERE $2 NOT IN ('email', 'sms') AND store_id = $1 AND handles <> '{}'
    AND handles @> jsonb_build_object($2::text, jsonb_build_object('handle', $3::text))
LIMIT 1
"""

NAMED = "SELECT store_id, customer_id, locale FROM contacts WHERE contact_name(store_id, customer_id) = $1"
NAME = "SELECT contact_name(store_id, customer_id) FROM contacts WHERE store_id = $1 AND customer_id = $2"

CALLED = "SELECT name, locale FROM contacts WHERE store_id = $1 AND customer_id = $2"

READ = """
SELECT version, email, phone, name, locale, timezone, email_consent, sms_consent, handles, country, region,
    (SELECT agreed FROM pixel_consents p WHERE p.store_id = $1 AND p.customer_id = $2) AS pixel_consent
FROM contacts WHERE store_id = $1 AND customer_id = $2
"""

LOCALE_OF = "SELECT locale FROM contacts WHERE store_id = $1 AND customer_id = $2"


_HANDLES: Final = TypeAdapter(dict[str, Handle])


def handles_of(kept: str) -> Mapping[str, Handle]:
    """Where further channels reach somebody, as it is kept."""
    return {} if kept == "{}" else _HANDLES.validate_json(kept)


async def keep(connection: Connection, profile: ProfileSet) -> bool:
    """Takes a profile over unless it, or a newer one, is known; whether it did.

    Its address is kept as `spelled`, for queries compare it.
    """
    p = profile
    email = p.email and spelled(p.email)
    who = (p.store_id, p.customer_id, p.profile_version, email, p.phone, p.name, p.locale, p.timezone)
    handles = _HANDLES.dump_json(p.handles or {}).decode()
    rest = (p.email_consent, p.sms_consent, handles, p.country, p.region)
    return rows_affected(await connection.execute(KEEP, *who, *rest)) == 1


async def erase(connection: Connection, store_id: str, customer_id: str) -> None:
    """Deletes a contact."""
    await connection.execute(ERASE, store_id, customer_id)


async def read(connection: Connection, store_id: str, customer_id: str) -> Contact | None:
    """How a customer may be reached, if they are known."""
    row = await connection.fetchrow(READ, store_id, customer_id)
    return None if row is None else Contact(**{**row, "handles": handles_of(row["handles"])})


async def locale_of(connection: Connection, store_id: str, customer_id: str) -> str | None:
    """The language that a customer reads, if they are known."""
    found: str | None = await connection.fetchval(LOCALE_OF, store_id, customer_id)
    return found


async def called(connection: Connection, store_id: str, customer_id: str) -> tuple[str | None, str] | None:
    """The name of a customer and the language that they read, if they are known."""
    found = await connection.fetchrow(CALLED, store_id, customer_id)
    return None if found is None else (found["name"], found["locale"])


async def locale_at(connection: Connection, store_id: str, channel: str, address: str) -> str | None:
    """The language of whoever a channel reaches at an address, if they are known."""
    found: str | None = await connection.fetchval(LOCALE_AT, store_id, channel, address)
    return found


async def name_of(connection: Connection, store_id: str, customer_id: str) -> str | None:
    """What names a customer in a link that ties a chat to them, if they are known."""
    found: str | None = await connection.fetchval(NAME, store_id, customer_id)
    return found


async def named(connection: Connection, name: str) -> tuple[str, str, str] | None:
    """The store, the customer and their language by `name_of`."""
    found = await connection.fetchrow(NAMED, name)
    return None if found is None else (found["store_id"], found["customer_id"], found["locale"])


async def customers_at(connection: Connection, store_id: str, address: str, limit: int) -> list[str]:
    """Who may be reached at an e-mail address, however it is spelled, or a telephone number."""
    email = "@" in address
    rows = await connection.fetch(
        OF_EMAIL if email else OF_PHONE, store_id, spelled(address) if email else address, limit
    )
    return [row["customer_id"] for row in rows]
