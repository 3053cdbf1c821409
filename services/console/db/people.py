"""The people who may log in, and the invitations that are out."""

from datetime import datetime
from uuid import UUID

from libs.postgres.pool import Connection, Row
from services.console.domain.people import Invitation, Person
from services.console.domain.roles import Role

_ADVISORY = 0x636F6E73


async def anybody(connection: Connection) -> bool:
    """Whether there is a person at all."""
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM people)"))


async def alone(connection: Connection) -> None:
    """Waits until nobody else changes who there is, until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _ADVISORY)


async def all_people(connection: Connection) -> list[Person]:
    """Everybody, by name."""
    return [_person(row) for row in await connection.fetch("SELECT * FROM people ORDER BY name, person_id")]


async def person_of(connection: Connection, person_id: UUID) -> Person | None:
    """One person."""
    row = await connection.fetchrow("SELECT * FROM people WHERE person_id = $1", person_id)
    return _person(row) if row else None


async def by_email(connection: Connection, email: str) -> tuple[Person, str | None] | None:
    """The person with an address, and the hash of their password."""
    row = await connection.fetchrow("SELECT * FROM people WHERE email = $1", email)
    return (_person(row), row["password_hash"]) if row else None


async def add(connection: Connection, person: Person, password_hash: str | None) -> bool:
    """Adds somebody; false where the address is somebody's already."""
    told = await connection.execute(
        "INSERT INTO people (person_id, email, name, role, stores, password_hash, locale)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email) DO NOTHING",
        person.person_id,
        person.email,
        person.name,
        person.role,
        sorted(person.stores),
        password_hash,
        person.locale,
    )
    return told.endswith(" 1")


async def set_password(connection: Connection, person_id: UUID, password_hash: str) -> None:
    """Replaces a password."""
    await connection.execute("UPDATE people SET password_hash = $2 WHERE person_id = $1", person_id, password_hash)


async def set_role(connection: Connection, person_id: UUID, role: Role) -> None:
    """Makes somebody something else."""
    await connection.execute("UPDATE people SET role = $2 WHERE person_id = $1", person_id, role)


async def set_locale(connection: Connection, person_id: UUID, locale: str) -> None:
    """Keeps the language that somebody chose."""
    await connection.execute("UPDATE people SET locale = $2 WHERE person_id = $1", person_id, locale)


async def remove(connection: Connection, person_id: UUID) -> None:
    """Takes somebody out, with their log-ins."""
    await connection.execute("DELETE FROM sessions WHERE person_id = $1", person_id)
    await connection.execute("DELETE FROM people WHERE person_id = $1", person_id)


async def invite(connection: Connection, token_hash: bytes, invitation: Invitation, expires_at: datetime) -> None:
    """Keeps an invitation."""
    await connection.execute(
        "INSERT INTO invitations (token_hash, email, role, stores, expires_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (token_hash) DO NOTHING",
        token_hash,
        invitation.email,
        invitation.role,
        sorted(invitation.stores),
        expires_at,
    )


async def invited(connection: Connection, token_hash: bytes, now: datetime) -> Invitation | None:
    """The invitation of a token that has not been used or run out."""
    row = await connection.fetchrow(
        "SELECT * FROM invitations WHERE token_hash = $1 AND expires_at > $2", token_hash, now
    )
    return Invitation(row["email"], row["role"], frozenset(row["stores"])) if row else None


async def use_invitation(connection: Connection, token_hash: bytes) -> bool:
    """Ends an invitation; false where somebody was quicker."""
    told: str = await connection.execute("DELETE FROM invitations WHERE token_hash = $1", token_hash)
    return told.endswith(" 1")


def _person(row: Row) -> Person:
    return Person(
        row["person_id"], row["email"], row["name"], row["role"], frozenset(row["stores"]), locale=row["locale"]
    )
