"""Log-ins: those that last, those under way at an identity provider, and those that failed."""

from datetime import datetime
from uuid import UUID

from libs.postgres.pool import Connection
from services.console.domain.attempts import WINDOW, Attempts
from services.console.domain.sessions import Lasting, Session


async def begin(connection: Connection, session: Session) -> None:
    """Keeps a new session."""
    await connection.execute(
        "INSERT INTO sessions (token_hash, person_id, begun_at, seen_at) VALUES ($1, $2, $3, $4)",
        session.token_hash,
        session.person_id,
        session.begun_at,
        session.seen_at,
    )


async def session_of(connection: Connection, token_hash: bytes) -> Session | None:
    """The session of a token, whether it lasts or not."""
    row = await connection.fetchrow("SELECT * FROM sessions WHERE token_hash = $1", token_hash)
    return Session(row["token_hash"], row["person_id"], row["begun_at"], row["seen_at"]) if row else None


async def touch(connection: Connection, token_hash: bytes, now: datetime) -> None:
    """Notes that a session was used."""
    await connection.execute("UPDATE sessions SET seen_at = $2 WHERE token_hash = $1", token_hash, now)


async def end(connection: Connection, token_hash: bytes) -> None:
    """Ends a session."""
    await connection.execute("DELETE FROM sessions WHERE token_hash = $1", token_hash)


async def end_all(connection: Connection, person_id: UUID) -> None:
    """Ends all sessions of somebody."""
    await connection.execute("DELETE FROM sessions WHERE person_id = $1", person_id)


async def attempts_of(connection: Connection, subject: bytes) -> Attempts | None:
    """The failures that are counted of a subject."""
    row = await connection.fetchrow("SELECT failures, since FROM log_in_attempts WHERE subject = $1", subject)
    return Attempts(row["failures"], row["since"]) if row else None


async def failed(connection: Connection, subject: bytes, now: datetime) -> None:
    """Counts a failure; a window that is over begins anew."""
    await connection.execute(
        "INSERT INTO log_in_attempts AS a (subject, failures, since) VALUES ($1, 1, $2)"
        " ON CONFLICT (subject) DO UPDATE SET failures = CASE WHEN a.since <= $3 THEN 1 ELSE a.failures + 1 END,"
        " since = CASE WHEN a.since <= $3 THEN $2 ELSE a.since END",
        subject,
        now,
        now - WINDOW,
    )


async def succeeded(connection: Connection, subject: bytes) -> None:
    """Forgets the failures of a subject."""
    await connection.execute("DELETE FROM log_in_attempts WHERE subject = $1", subject)


async def depart(connection: Connection, state_hash: bytes, nonce: str, verifier: str, now: datetime) -> None:
    """Keeps what has to come back from the identity provider."""
    await connection.execute(
        "INSERT INTO provider_log_ins (state_hash, nonce, verifier, begun_at) VALUES ($1, $2, $3, $4)",
        state_hash,
        nonce,
        verifier,
        now,
    )


async def arrive(connection: Connection, state_hash: bytes, since: datetime) -> tuple[str, str] | None:
    """Nonce and verifier of a log-in that comes back, once."""
    row = await connection.fetchrow(
        "DELETE FROM provider_log_ins WHERE state_hash = $1 RETURNING nonce, verifier, begun_at", state_hash
    )
    return (row["nonce"], row["verifier"]) if row and row["begun_at"] > since else None


async def thin(connection: Connection, now: datetime, lasting: Lasting) -> None:
    """Deletes what has ended by itself."""
    await connection.execute(
        "DELETE FROM sessions WHERE seen_at < $1 OR begun_at < $2", now - lasting.idle, now - lasting.longest
    )
    await connection.execute("DELETE FROM log_in_attempts WHERE since < $1", now - WINDOW)
    await connection.execute("DELETE FROM provider_log_ins WHERE begun_at < $1", now - WINDOW)
    await connection.execute("DELETE FROM invitations WHERE expires_at < $1", now)
