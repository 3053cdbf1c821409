"""What is known of recipients, and the beginning of sendings: of many deliveries at once, each as if it were alone."""

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from libs.postgres.errors import PostgresError
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.together import Together
from services.notifier.db import recipient_state, sending
from services.notifier.db.sending import Sending
from services.notifier.domain.policy import Go, Verdict
from services.notifier.domain.reminder import Contact, RecipientState, Reminder

Judge = Callable[[Reminder, RecipientState], Verdict]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A delivery that wants to begin: to this contact as it was checked, at this address, with these links'
    hashes; `content` is what is kept of what it says.
    """

    reminder: Reminder
    contact: Contact
    address: str
    links: tuple[bytes, bytes]
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """What the policy says now, and whether the sending is begun; not so after a `Go` means that the lease was lost or
    that the contact is another by now.
    """

    verdict: Verdict
    begun: bool


class Recipients:
    """Reads what is known of recipients, and commits to sending where `judge` still says the same under the locks."""

    def __init__(self, pool: Pool, judge: Judge, lease: timedelta) -> None:
        self._pool, self._judge, self._lease = pool, judge, lease
        self._read = Together(self._read_all, singly=(PostgresError,))
        self._begin = Together(self._begin_all, apart=_people, singly=(PostgresError,))

    async def state(self, r: Reminder) -> RecipientState:
        """What is known now of whom a reminder is for."""
        return await self._read(r)

    async def begin(self, candidate: Candidate) -> Begun:
        """Checks once more with everybody else kept out, and commits to sending."""
        return await self._begin(candidate)

    async def _read_all(self, reminders: Sequence[Reminder]) -> Sequence[RecipientState]:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await recipient_state.read(connection, reminders)

    async def _begin_all(self, candidates: Sequence[Candidate]) -> Sequence[Begun]:
        """One commit for all; of each person one, for the next one has to see what was begun."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            await recipient_state.lock(connection, [(c.reminder, c.address) for c in candidates])
            states = await recipient_state.read(connection, [c.reminder for c in candidates])
            verdicts = [self._judge(c.reminder, state) for c, state in zip(candidates, states, strict=True)]
            going = [c for c, verdict in zip(candidates, verdicts, strict=True) if verdict == Go(c.contact)]
            begun = await sending.begin(
                connection, [Sending(c.reminder, c.address, c.links, c.content) for c in going], self._lease
            )
        return [Begun(v, c.reminder.reminder_id in begun) for c, v in zip(candidates, verdicts, strict=True)]


def _people(candidate: Candidate) -> Collection[Hashable]:
    r = candidate.reminder
    return (r.store_id, r.channel, "customer", r.customer_id), (r.store_id, r.channel, candidate.address.lower())
