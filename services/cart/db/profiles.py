"""Customers' contact data: the only table of this service with personal data."""

from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from libs.postgres.pool import Connection
from services.cart.domain.customers.profile import Contact, Handle, Profile

# An erasure may find no row to lock; this orders it against a profile that arrives at the same time.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1 || ':' || $2, 0))"
READ = """
SELECT version, updated_at, email, phone, name, locale, timezone, country, region, email_consent, sms_consent,
    email_consent_at, sms_consent_at, handles
FROM profiles WHERE store_id = $1 AND customer_id = $2
"""
# That it is told again is no new consent: shops send what they know whenever anything changes. No consent is of a time
# to come, whatever a host's clock says: it would outdo the unsubscriptions until then.
WRITE = """
INSERT INTO profiles (store_id, customer_id, version, updated_at, email, phone, name, locale, timezone, email_consent,
    sms_consent, email_consent_at, sms_consent_at, handles, country, region)
VALUES ($1, $2, nextval('profile_versions'), $3, $4, $5, $6, $7, $8, $9, $10,
    CASE WHEN $9 THEN least(coalesce($11::timestamptz, $3::timestamptz), clock_timestamp()) END,
    CASE WHEN $10 THEN least(coalesce($12::timestamptz, $3::timestamptz), clock_timestamp()) END,
    coalesce($13::jsonb, '{}'), $14, $15)
ON CONFLICT (store_id, customer_id) DO UPDATE
SET version = excluded.version, updated_at = excluded.updated_at, email = excluded.email, phone = excluded.phone,
    name = excluded.name, locale = excluded.locale, timezone = excluded.timezone,
    country = excluded.country, region = excluded.region,
    email_consent = excluded.email_consent, sms_consent = excluded.sms_consent,
    handles = coalesce($13::jsonb, profiles.handles),
    email_consent_at = CASE WHEN excluded.email_consent AND profiles.email_consent AND $11::timestamptz IS NULL
        THEN profiles.email_consent_at ELSE excluded.email_consent_at END,
    sms_consent_at = CASE WHEN excluded.sms_consent AND profiles.sms_consent AND $12::timestamptz IS NULL
        THEN profiles.sms_consent_at ELSE excluded.sms_consent_at END
RETURNING version, email_consent_at, sms_consent_at, handles
"""
_HANDLES: Final = TypeAdapter(dict[str, Handle])

ERASE = "DELETE FROM profiles WHERE store_id = $1 AND customer_id = $2"


async def read(connection: Connection, store_id: str, customer_id: str) -> Profile | None:
    """What is known of a customer."""
    row = await connection.fetchrow(READ, store_id, customer_id)
    if row is None:
        return None
    fields = dict(row)
    version, updated_at = fields.pop("version"), fields.pop("updated_at")
    # it was validated when it came; rules that have tightened since must not hide it
    contact = Contact.model_construct(**fields | {"handles": _handles(fields["handles"])})
    return Profile.model_construct(
        store_id=store_id, customer_id=customer_id, version=version, updated_at=updated_at, contact=contact
    )


async def write(connection: Connection, store_id: str, customer_id: str, contact: Contact, now: datetime) -> Profile:
    """Replaces what is known of a customer."""
    await connection.execute(LOCK, store_id, customer_id)
    row = await connection.fetchrow(
        WRITE,
        store_id,
        customer_id,
        now,
        contact.email,
        contact.phone,
        contact.name,
        contact.locale,
        contact.timezone,
        contact.email_consent,
        contact.sms_consent,
        contact.email_consent_at,
        contact.sms_consent_at,
        None if contact.handles is None else _HANDLES.dump_json(contact.handles).decode(),
        contact.country,
        contact.region,
    )
    assert row is not None
    kept = {name: row[name] for name in ("email_consent_at", "sms_consent_at")} | {"handles": _handles(row["handles"])}
    return Profile.model_construct(
        store_id=store_id,
        customer_id=customer_id,
        version=row["version"],
        updated_at=now,
        contact=contact.model_copy(update=kept),
    )


async def lock(connection: Connection, store_id: str, customer_id: str) -> None:
    """Nobody else writes or erases this customer's profile until the caller's transaction ends."""
    await connection.execute(LOCK, store_id, customer_id)


async def erase(connection: Connection, store_id: str, customer_id: str) -> None:
    """Removes what is known of a customer, if anything is."""
    await connection.execute(LOCK, store_id, customer_id)
    await connection.execute(ERASE, store_id, customer_id)


def _handles(kept: str) -> dict[str, Handle]:
    """As they were validated when they came."""
    return _HANDLES.validate_json(kept, strict=False)
