"""Who was erased in this database: late events of theirs bring nothing back. Takes a connection, never commits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from libs.contracts.events import ErasureRequested
from libs.postgres.pool import Connection

LOCK = 0x65_72_61_73  # any constant of our own: "eras"
ALONE = "SELECT pg_advisory_xact_lock($1)"
BESIDE = "SELECT pg_advisory_xact_lock_shared($1)"
REMEMBER = """
INSERT INTO erased_customers AS known (mark, erased_until, profile_version)
SELECT customer_mark($1, name), $3, $4 FROM unnest($2::text[]) AS name ORDER BY 1
ON CONFLICT (mark) DO UPDATE
SET erased_until = greatest(known.erased_until, excluded.erased_until), noted_at = excluded.noted_at,
    profile_version = greatest(known.profile_version, excluded.profile_version)
"""
# `customer_mark` written out: a call of it for each event of a batch costs several times as much.
AMONG = """
SELECT given.store_id, given.customer_id, erased_until, profile_version
FROM unnest($1::text[], $2::text[]) AS given (store_id, customer_id)
CROSS JOIN erasure_salt
JOIN erased_customers
    ON mark = sha256(convert_to(salt || chr(31) || given.store_id || chr(31) || given.customer_id, 'UTF8'))
WHERE EXISTS (SELECT FROM erased_customers)
"""
FORGET = "DELETE FROM erased_customers WHERE noted_at < $1"

Person = tuple[str, str]
"""Store and customer."""


@dataclass(frozen=True, slots=True)
class Erased:
    """Up to when, and up to which version of the profile, everything belongs to somebody who was erased."""

    until: datetime
    profile_version: int


async def hold(connection: Connection, *, alone: bool) -> None:
    """Until the end of the transaction nobody erases, or, `alone`, nobody writes anything about customers either.

    To be called first of all: whoever writes about customers sees every erasure, or is seen by it.
    """
    await connection.execute(ALONE if alone else BESIDE, LOCK)


async def remember(connection: Connection, request: ErasureRequested) -> None:
    """Notes an erasure, under a hash of each name."""
    r = request
    await connection.execute(REMEMBER, r.store_id, r.customer_ids, r.occurred_at, r.profile_version)


async def among(connection: Connection, people: Iterable[Person]) -> dict[Person, Erased]:
    """Those of the people who were erased."""
    asked = sorted(set(people))
    if not asked:
        return {}
    rows = await connection.fetch(AMONG, [store for store, _ in asked], [customer for _, customer in asked])
    return {(r["store_id"], r["customer_id"]): Erased(r["erased_until"], r["profile_version"]) for r in rows}


async def forget(connection: Connection, before: datetime) -> None:
    """Forgets erasures that were noted before a time from which no topic keeps anything any more."""
    await connection.execute(FORGET, before)
