"""Who may log in: the first person, those whom an owner invites, what they are, and their going."""

import hmac
from datetime import timedelta
from typing import Literal
from uuid import UUID

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from libs.runtime.ids import uuid7
from services.console.auth.passwords import Passwords
from services.console.db import audit, people, sessions
from services.console.domain.passwords import Fault, fault_of
from services.console.domain.people import EVERY_STORE, Invitation, Person, is_address, same_address
from services.console.domain.roles import Role
from services.console.domain.sessions import digest, new_token
from services.console.handlers.log_in import LogIn

INVITED_FOR = timedelta(days=7)
Refused = Literal["no_address", "no_name", "taken", "gone", "last_owner"] | Fault


class RefusedError(Exception):
    """What can't be done with people; `key` is a word of the page."""

    def __init__(self, key: Refused) -> None:
        super().__init__(key)
        self.key: Refused = key


class People:
    """The use cases. `first` is the secret of the link by which the first person comes; empty: none comes by it."""

    def __init__(self, pool: Pool, clock: Clock, passwords: Passwords, log_in: LogIn, first: str) -> None:
        self._pool, self._clock, self._passwords, self._log_in, self._first = pool, clock, passwords, log_in, first

    async def invited(self, token: str) -> Invitation | None:
        """Who may come by a link, if it is still good."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await self._invited(connection, token)

    async def come(self, token: str, email: str, name: str, password: str) -> str:
        """Makes the person of a link, who logs in with that; the token of the session. Raises `RefusedError`."""
        invitation = await self.invited(token)
        if invitation is None:
            raise RefusedError("gone")
        address, name = same_address(invitation.email or email), name.strip()
        if not is_address(address):
            raise RefusedError("no_address")
        if not name or len(name) > 100 or not name.isprintable():
            raise RefusedError("no_name")
        if fault := fault_of(password, address, name):
            raise RefusedError(fault)
        hashed = await self._passwords.hashed(password)
        person = Person(uuid7(), address, name, invitation.role, invitation.stores)
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            await people.alone(connection)
            if await self._invited(connection, token) is None:
                raise RefusedError("gone")
            if not await people.add(connection, person, hashed):
                raise RefusedError("taken")
            await people.use_invitation(connection, digest(token))
            await audit.note(connection, person, "", "people.came", subject=f"person:{address}", detail=person.role)
            return await self._log_in.begin(connection, person)

    async def all(self) -> list[Person]:
        """Everybody."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await people.all_people(connection)

    async def invite(self, by: Person, email: str, role: Role, stores: frozenset[str]) -> str:
        """Invites somebody; the token of their link, told this once. Raises `RefusedError`."""
        address, token = same_address(email), new_token()
        if not is_address(address):
            raise RefusedError("no_address")
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            if await people.by_email(connection, address):
                raise RefusedError("taken")
            ends = self._clock() + INVITED_FOR
            await people.invite(connection, digest(token), Invitation(address, role, stores), ends)
            await audit.note(connection, by, "", "people.invited", subject=f"person:{address}", detail=role)
        return token

    async def set_role(self, by: Person, person_id: UUID, role: Role) -> None:
        """Makes somebody something else. Raises `RefusedError` where no owner would be left."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            person = await self._changeable(connection, person_id, stays_owner=role == "owner")
            await people.set_role(connection, person_id, role)
            detail = f"{person.role} → {role}"
            await audit.note(connection, by, "", "people.role", subject=f"person:{person.email}", detail=detail)

    async def remove(self, by: Person, person_id: UUID) -> None:
        """Takes somebody out, logged out everywhere at once. Raises `RefusedError` where no owner would be left."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            person = await self._changeable(connection, person_id, stays_owner=False)
            await people.remove(connection, person_id)
            await audit.note(connection, by, "", "people.removed", subject=f"person:{person.email}")

    async def speak(self, person: Person, locale: str) -> None:
        """Keeps the language that somebody chose."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            await people.set_locale(connection, person.person_id, locale)

    async def log_out_everywhere(self, person: Person) -> None:
        """Ends all sessions of somebody."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            await sessions.end_all(connection, person.person_id)
            await audit.note(connection, person, "", "log_out.everywhere")

    async def _invited(self, connection: Connection, token: str) -> Invitation | None:
        if self._first and hmac.compare_digest(token.encode(errors="replace"), self._first.encode()):
            nobody = not await people.anybody(connection)
            return Invitation("", "owner", frozenset({EVERY_STORE})) if nobody else None
        return await people.invited(connection, digest(token), self._clock())

    async def _changeable(self, connection: Connection, person_id: UUID, *, stays_owner: bool) -> Person:
        await people.alone(connection)
        everybody = {person.person_id: person for person in await people.all_people(connection)}
        person = everybody.pop(person_id, None)
        if person is None:
            raise RefusedError("gone")
        left = any(other.role == "owner" for other in everybody.values())
        if person.role == "owner" and not stays_owner and not left:
            raise RefusedError("last_owner")
        return person
