"""Log-ins: by password, by an identity provider, and their end. Each leaves a row in the audit."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from services.console.auth.oidc import OidcClient, ProviderError
from services.console.auth.passwords import Passwords
from services.console.db import audit, people, sessions
from services.console.domain.attempts import OF_ONE_ADDRESS, OF_ONE_CALLER
from services.console.domain.people import Person, same_address
from services.console.domain.sessions import Lasting, Session, digest, new_token

UNDER_WAY = timedelta(minutes=10)
"""How long somebody may take at the identity provider."""


@dataclass(frozen=True, slots=True)
class Waiting(Exception):  # noqa: N818 - it is what the page says
    """Too many log-ins failed; nothing is tried until then."""

    until: datetime


class LogIn:
    """Gives tokens of sessions, and takes them back."""

    def __init__(self, pool: Pool, clock: Clock, passwords: Passwords, lasting: Lasting) -> None:
        self._pool, self._clock, self._passwords, self._lasting = pool, clock, passwords, lasting

    async def by_password(self, email: str, password: str, caller: str) -> str | None:
        """The token of a new session; None where address or password is wrong. Raises `Waiting`."""
        address, now = same_address(email), self._clock()
        subjects = {digest(f"email {address}"): OF_ONE_ADDRESS}
        if caller:
            subjects[digest(f"caller {caller}")] = OF_ONE_CALLER
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            await _wait_where_many_failed(connection, subjects, now)
            found = await people.by_email(connection, address)
        person, kept = found or (None, None)
        right = await self._passwords.is_right(password, kept)
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            if not right or person is None:
                for subject in subjects:
                    await sessions.failed(connection, subject, now)
                if (
                    person is not None
                ):  # who is nobody's is not written down: it may be a password typed in the wrong box
                    await audit.note(connection, person, "", "log_in.failed")
                return None
            await sessions.succeeded(connection, digest(f"email {address}"))
            return await self.begin(connection, person)

    async def depart(self, provider: OidcClient) -> tuple[str, str]:
        """Where the provider asks who it is, and the state that comes back with them. Raises `ProviderError`."""
        leaving = await provider.depart()
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            await sessions.depart(connection, digest(leaving.state), leaving.nonce, leaving.verifier, self._clock())
        return leaving.url, leaving.state

    async def by_provider(self, provider: OidcClient, state: str, code: str) -> str | None:
        """The token of a new session; None where nobody of this address may log in. Raises `ProviderError`."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            known = await sessions.arrive(connection, digest(state), self._clock() - UNDER_WAY)
        if known is None:
            raise ProviderError("nobody left for this log-in, or long ago")
        came = await provider.arrive(code, *known)
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            found = await people.by_email(connection, same_address(came.email))
            return await self.begin(connection, found[0]) if found else None

    async def begin(self, connection: Connection, person: Person) -> str:
        """A new session of somebody; its token."""
        token, now = new_token(), self._clock()
        await sessions.thin(connection, now, self._lasting)
        await sessions.begin(connection, Session(digest(token), person.person_id, now, now))
        await audit.note(connection, person, "", "log_in")
        return token

    async def who(self, token: str) -> Person | None:
        """Whose session it is, if it lasts; its use is noted once a minute."""
        if not token:
            return None
        now = self._clock()
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            session = await sessions.session_of(connection, digest(token))
            if session is None:
                return None
            if not session.lasts(now, self._lasting):
                await sessions.end(connection, session.token_hash)
                return None
            if session.to_touch(now):
                await sessions.touch(connection, session.token_hash, now)
            return await people.person_of(connection, session.person_id)

    async def end(self, token: str, person: Person) -> None:
        """Ends a session."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            await sessions.end(connection, digest(token))
            await audit.note(connection, person, "", "log_out")


async def _wait_where_many_failed(connection: Connection, subjects: dict[bytes, int], now: datetime) -> None:
    for subject, most in subjects.items():
        tried = await sessions.attempts_of(connection, subject)
        if tried and (until := tried.waits_until(now, most)):
            raise Waiting(until)
