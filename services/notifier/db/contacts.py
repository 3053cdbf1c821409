"""How customers may be reached. Functions take a connection, and never commit."""

from libs.contracts.events import ProfileSet
from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.notifier.domain.addresses import spelled
from services.notifier.domain.reminder import Contact

# The newest version wins whatever the order of arrival; after an erasure anything is new.
KEEP = """
INSERT INTO contacts (store_id, customer_id, version, email, phone, name, locale, timezone, email_consent, sms_consent)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (store_id, customer_id) DO UPDATE
SET version = excluded.version, email = excluded.email, phone = excluded.phone, name = excluded.name,
    locale = excluded.locale, timezone = excluded.timezone, email_consent = excluded.email_consent,
    sms_consent = excluded.sms_consent
WHERE contacts.version < excluded.version
"""

OF_EMAIL = """
SELECT customer_id FROM contacts WHERE store_id = $1 AND lower(email) = lower($2) ORDER BY customer_id LIMIT $3
"""
OF_PHONE = "SELECT customer_id FROM contacts WHERE store_id = $1 AND phone = $2 ORDER BY customer_id LIMIT $3"

ERASE = "DELETE FROM contacts WHERE store_id = $1 AND customer_id = $2"

LOCALE_OF_NUMBER = "SELECT locale FROM contacts WHERE store_id = $1 AND phone = $2 LIMIT 1"

CALLED = "SELECT name, locale FROM contacts WHERE store_id = $1 AND customer_id = $2"

READ = """
SELECT version, email, phone, name, locale, timezone, email_consent, sms_consent
FROM contacts WHERE store_id = $1 AND customer_id = $2
"""

LOCALE_OF = "SELECT locale FROM contacts WHERE store_id = $1 AND customer_id = $2"


async def keep(connection: Connection, profile: ProfileSet) -> bool:
    """Takes a profile over unless it, or a newer one, is known; whether it did.

    Its address is kept as `spelled`, for queries compare it.
    """
    p = profile
    email = p.email and spelled(p.email)
    who = (p.store_id, p.customer_id, p.profile_version, email, p.phone, p.name, p.locale, p.timezone)
    return rows_affected(await connection.execute(KEEP, *who, p.email_consent, p.sms_consent)) == 1


async def erase(connection: Connection, store_id: str, customer_id: str) -> None:
    """Deletes a contact."""
    await connection.execute(ERASE, store_id, customer_id)


async def read(connection: Connection, store_id: str, customer_id: str) -> Contact | None:
    """How a customer may be reached, if they are known."""
    row = await connection.fetchrow(READ, store_id, customer_id)
    return None if row is None else Contact(**row)


async def locale_of(connection: Connection, store_id: str, customer_id: str) -> str | None:
    """The language that a customer reads, if they are known."""
    found: str | None = await connection.fetchval(LOCALE_OF, store_id, customer_id)
    return found


async def called(connection: Connection, store_id: str, customer_id: str) -> tuple[str | None, str] | None:
    """The name of a customer and the language that they read, if they are known."""
    found = await connection.fetchrow(CALLED, store_id, customer_id)
    return None if found is None else (found["name"], found["locale"])


async def locale_of_number(connection: Connection, store_id: str, number: str) -> str | None:
    """The language of whoever has this number, if they are known."""
    found: str | None = await connection.fetchval(LOCALE_OF_NUMBER, store_id, number)
    return found


async def customers_at(connection: Connection, store_id: str, address: str, limit: int) -> list[str]:
    """Who may be reached at an e-mail address, however it is spelled, or a telephone number."""
    email = "@" in address
    rows = await connection.fetch(
        OF_EMAIL if email else OF_PHONE, store_id, spelled(address) if email else address, limit
    )
    return [row["customer_id"] for row in rows]
