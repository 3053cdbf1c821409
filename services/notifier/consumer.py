"""Events in: reminders to deliver, how customers may be reached, and what the stores are."""

from collections.abc import Callable, Mapping, Sequence

from libs.contracts.events import (
    GUESTS,
    ErasureRequested,
    Event,
    MessageCancelled,
    ProfileErased,
    ProfileSet,
    ReminderRequested,
    StoreClosed,
    StoreDescribed,
)
from libs.contracts.topics import CUSTOMER_ERASURES, CUSTOMER_PROFILES, REMINDER_REQUESTS, STORES
from libs.erasure import store as erasure
from libs.inbox.consumer import Received
from libs.outbox import store as outbox
from libs.outbox.waker import Waker
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from libs.runtime.ids import uuid7
from services.notifier.db import (
    confirmations,
    contacts,
    coupons,
    deliveries,
    monthly_wishes,
    preferences,
    stores,
    suppressions,
)
from services.notifier.db.erase_customer import MAX_VERSION, carry_over
from services.notifier.domain.confirmation import questions
from services.notifier.handlers.call_off import cancel_awaited
from services.notifier.handlers.erasure import bury_profiles, erase
from services.notifier.handlers.reach import tell_reach
from services.notifier.handlers.source import SOURCE
from services.notifier.metrics import DELIVERIES

TOPICS = (STORES.name, CUSTOMER_PROFILES.name, REMINDER_REQUESTS.name, CUSTOMER_ERASURES.name)


class Consumer:
    """Takes batches over in one transaction each; the same batch again changes nothing."""

    def __init__(self, pool: Pool, waker: Waker, clock: Clock, on_requests: Callable[[], None] = lambda: None) -> None:
        self._pool, self._waker, self._clock, self._on_requests = pool, waker, clock, on_requests

    async def handle(self, batch: Sequence[Received[Event]]) -> None:
        """Erasures, then profiles and stores in their order, then requests, which so meet the newest; one commit."""
        erasures = [r.event for r in batch if isinstance(r.event, ErasureRequested)]
        cancelled: list[MessageCancelled] = []
        asked: list[ReminderRequested] = []
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            await erasure.hold(connection, alone=bool(erasures))
            for request in erasures:
                await erase(connection, request, self._clock())
            events = await _living(connection, [r.event for r in batch])
            for event in events:
                if isinstance(event, ProfileErased):
                    cancelled += await self._erase(connection, event)
                else:
                    asked += await self._keep(connection, event)
            requests = [event for event in events if isinstance(event, ReminderRequested)]
            requests += asked
            if requests:
                await deliveries.add(connection, requests)
                cancelled += await cancel_awaited(connection, requests, self._clock())
            await outbox.append(connection, cancelled, SOURCE)
            about = {(e.store_id, e.customer_id) for e in events if isinstance(e, ProfileSet | ProfileErased)}
            about |= {(request.store_id, name) for request in erasures for name in request.customer_ids}
            await tell_reach(connection, about, self._clock())
        if requests:
            self._on_requests()
        if about:
            self._waker.touch()
        for event in cancelled:
            DELIVERIES.labels(event.channel, "cancelled", event.reason).inc()

    async def _keep(self, connection: Connection, event: Event) -> list[ReminderRequested]:
        """What is to be known of customers and stores; other events are nothing to keep here.

        Gives the questions that a profile makes us ask.
        """
        if isinstance(event, ProfileSet):
            if await contacts.keep(connection, event):
                await _agreed_again(connection, event)
                await confirmations.keep(connection, event)
                return questions(event)
        elif isinstance(event, StoreDescribed):
            await stores.keep(connection, event)
        elif isinstance(event, StoreClosed):
            await stores.close(connection, event, self._clock())
        return []

    async def _erase(self, connection: Connection, erased: ProfileErased) -> list[MessageCancelled]:
        await carry_over(connection, erased.store_id, [erased.customer_id])
        await preferences.carry_over(connection, erased.store_id, [erased.customer_id])
        await preferences.erase(connection, erased.store_id, [erased.customer_id])
        await contacts.erase(connection, erased.store_id, erased.customer_id)
        await confirmations.erase(connection, erased.store_id, [erased.customer_id], MAX_VERSION)
        await monthly_wishes.erase(connection, erased.store_id, [erased.customer_id])
        rows = await deliveries.cancel_pending(connection, erased.store_id, erased.customer_id)
        await coupons.let_go(connection, [row["reminder_id"] for row in rows])
        await bury_profiles(connection, erased.store_id, [erased.customer_id], self._clock())
        return [MessageCancelled(event_id=uuid7(), occurred_at=self._clock(), **row) for row in rows]


async def _agreed_again(connection: Connection, said: ProfileSet) -> None:
    """A consent lifts the unsubscription that it is newer than; one of which the time is not known lifts nothing.

    Nor does one that a guest gives: anybody may type an address.
    """
    if said.customer_id.startswith(GUESTS):
        return
    further = [(name, one.consent, one.consent_at, one.handle) for name, one in (said.handles or {}).items()]
    for channel, agreed, agreed_at, address in (
        ("email", said.email_consent, said.email_consent_at, said.email),
        ("sms", said.sms_consent, said.sms_consent_at, said.phone),
        *further,
    ):
        if agreed and agreed_at is not None:
            who = (said.store_id, said.customer_id, channel, address)
            await suppressions.lift_unsubscription(connection, *who, agreed_at)


async def _living(connection: Connection, events: Sequence[Event]) -> list[Event]:
    """The events without those that are about customers from before they were erased, however late they come."""
    people = [(e.store_id, e.customer_id) for e in events if isinstance(e, ProfileSet | ReminderRequested)]
    erased = await erasure.among(connection, people)
    return [event for event in events if not _is_past(event, erased)] if erased else list(events)


def _is_past(event: Event, erased: Mapping[erasure.Person, erasure.Erased]) -> bool:
    if not isinstance(event, ProfileSet | ReminderRequested):
        return False
    found = erased.get((event.store_id, event.customer_id))
    if found is None:
        return False
    return (
        event.profile_version <= found.profile_version if isinstance(event, ProfileSet) else event.due_at <= found.until
    )
