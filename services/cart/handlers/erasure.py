"""Erasing a customer: here at once, elsewhere by request, with a receipt of where it was done."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from prometheus_client import Gauge
from pydantic_core import to_json

from libs.contracts.events import CustomerErased, ErasureCompleted, Event, ProfileErased
from libs.inbox.records import Received
from libs.outbox.store import append, publish_to_dead_letters
from libs.postgres.clock import database_now
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.age import Age
from libs.runtime.clock import Clock
from services.cart.db import erase_customer, erasures, guest_contacts, profiles, views
from services.cart.db import identities as names_of
from services.cart.db.audit import audit
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Context
from services.cart.domain.erasure import ASK_AGAIN, SERVICE, Closing, Erasure, missing, request_topics, tables, topics
from services.cart.domain.errors import Refusal
from services.cart.domain.request import Answer, WriteRequest, about_cart
from services.cart.domain.shopper import Shopper
from services.cart.domain.tokens import customer_mark
from services.cart.handlers.ended_watches import forget_watches
from services.cart.handlers.transaction import Result, commit_once
from services.cart.live.publisher import Committed

BATCH = 1_000
"""Carts, and orders, in one transaction."""


WAITING = Gauge(
    "evercart_cart_erasure_waiting_seconds", "Age of the oldest request that is not done everywhere", ["request"]
)


class ErasureHandlers:
    """Forgets customers. `committed` is called when something may be in the outbox; `secret` hashes names."""

    def __init__(self, pool: Pool, clock: Clock, committed: Committed, secret: bytes) -> None:
        self._pool, self._clock, self._committed, self._secret = pool, clock, committed, secret
        self._oldest = Age(WAITING, "erasure")

    async def erase(self, store_id: str, customer_id: str, request: WriteRequest) -> Answer:
        """Forgets a customer under every name, also one who is not known (any more), and asks the others to."""
        result = await commit_once(self._pool, request, self._erase, store_id, customer_id, request)
        self._committed(*result.changed)
        return result.answer

    async def _erase(self, connection: Connection, store_id: str, customer_id: str, request: WriteRequest) -> Result:
        await names_of.lock_names(connection, store_id)
        owner = await names_of.resolve(connection, store_id, customer_id)
        names = list(dict.fromkeys([customer_id, owner, *await names_of.names(connection, store_id, owner)]))
        names += await guest_contacts.at_same_address(connection, store_id, names)
        erasure = await self._begin(connection, store_id, names, request.occurred_at)
        mark = customer_mark(self._secret, store_id, customer_id)
        await audit(connection, request, "customer.erased", mark, self._clock())
        answer = Answer(to_json({"erasure_id": erasure.erasure_id, "status": "pending"}), 202)
        return Result(answer, [Shopper(store_id, customer_id=name) for name in names])

    async def _begin(
        self, connection: Connection, store_id: str, names: Sequence[str], occurred_at: datetime | None
    ) -> Erasure:
        for name in sorted(names):
            await profiles.lock(connection, store_id, name)
        now = occurred_at or self._clock()
        told = occurred_at or await database_now(connection)  # by the clock that dates what others were told of them
        until = max(now, told, await erase_customer.newest(connection, store_id, names) or now)
        context = Context(until)
        version = await erasures.next_profile_version(connection)
        erasure = Erasure(context.new_id(), store_id, tuple(names), version, until)
        marks = [customer_mark(self._secret, store_id, name) for name in names]
        await erasures.insert(connection, erasure, marks, now)
        counts = Counter(
            profiles=await erase_customer.profiles(connection, store_id, names),
            guest_recipients=await guest_contacts.unname(connection, store_id, names),
            consents=await guest_contacts.forget(connection, store_id, names),
            views=await views.clear_all(connection, store_id, names),
            watches=await forget_watches(connection, store_id, names, context),
            identities=await erase_customer.identities(connection, store_id, names),
            idempotency_keys=await erase_customer.answers(connection, store_id, [f"c:{name}" for name in names], names),
        )
        await self._sweep(connection, erasure, counts, now)
        tombstones = [
            ProfileErased(event_id=context.new_id(), occurred_at=until, store_id=store_id, customer_id=name)
            for name in names
        ]
        await append(connection, [*tombstones, erasure.request(context.new_id())], SOURCE)
        await erasures.add_places(connection, erasure.erasure_id, SERVICE, topics(now), now)
        return erasure

    async def _sweep(self, connection: Connection, erasure: Erasure, counts: Counter[str], now: datetime) -> None:
        """Takes out a batch of carts and orders, and notes when that was the last."""
        store_id, names, until = erasure.store_id, erasure.customer_ids, erasure.erased_until
        own = await erase_customer.carts(connection, store_id, names, until, BATCH)
        merged_count, merged, hashes = await erase_customer.merges(connection, [cart.cart_id for cart in own])
        orders, links, ordered = await erase_customer.orders(connection, store_id, names, until, BATCH)
        guests = await erase_customer.guest_carts(connection, store_id, merged, ordered, hashes, until)
        removed = await erase_customer.remove(connection, [cart.cart_id for cart in (*own, *guests)])
        callers = [f"g:{token.hex()}" for token in {*hashes, *(cart.token_hash for cart in guests)} if token]
        about = [about_cart(cart.cart_id) for cart in (*own, *guests)]
        answers = await erase_customer.answers(connection, store_id, callers, about)
        counts.update(removed, merges=merged_count, orders=orders, order_events=links, idempotency_keys=answers)
        closing = [Closing(cart.cart_id, cart.version) for cart in (*own, *guests) if cart.active]
        await append(connection, [one.event(store_id, Context(until)) for one in closing], SOURCE)
        await erasures.add_places(connection, erasure.erasure_id, SERVICE, tables(counts), now, more=True)
        if max(len(own), orders) < BATCH:
            await erasures.swept(connection, erasure.erasure_id, now)

    async def receipt(self, store_id: str, erasure_id: UUID) -> bytes:
        """Where it was done, as JSON; it names nobody. Raises `Refusal` unknown-erasure."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            head = await erasures.read(connection, store_id, erasure_id)
            if head is None:
                raise Refusal("unknown-erasure", "The store has no such erasure.")
            places = await erasures.places(connection, erasure_id)
        return to_json(
            {
                "erasure_id": erasure_id,
                "customer": head["customer"],
                "status": "pending" if head["done_at"] is None else "done",
                "requested_at": head["requested_at"],
                "done_at": head["done_at"],
                "waiting_for": missing(place["service"] for place in places),
                "places": [dict(place) for place in places],
            }
        )

    async def collect(self, batch: Sequence[Received[Event]]) -> None:
        """Takes over what other services have done; the same again changes nothing."""
        told = [one.event for one in batch if isinstance(one.event, CustomerErased)]
        if not told:
            return
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            for event in sorted(told, key=lambda event: event.erasure_id):
                held = await erasures.lock(connection, event.erasure_id)
                places = event.places
                await erasures.add_places(connection, event.erasure_id, event.service, places, event.occurred_at)
                if held:
                    await self._finish(connection, *held)
        self._committed()

    async def round(self) -> int:
        """What is left to do, in the background: large customers, services that were away; returns how much it was."""
        done = 0
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            self._oldest.measured(await erasures.oldest(connection, self._clock()))
        while await self._sweep_next() or await self._ask_again():
            done += 1
        return done

    async def _sweep_next(self) -> bool:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            erasure_id = await erasures.unswept(connection)
            held = await erasures.lock(connection, erasure_id) if erasure_id else None
            if held is None:
                return False
            await self._sweep(connection, held[0], Counter(), self._clock())
            again = await erasures.lock(connection, held[0].erasure_id)
            if again:
                await self._finish(connection, *again)
        self._committed()
        return True

    async def _ask_again(self) -> bool:
        now = self._clock()
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            erasure_id = await erasures.unanswered(connection, now - ASK_AGAIN)
            held = await erasures.lock(connection, erasure_id) if erasure_id else None
            if held is None:
                return False
            await append(connection, [held[0].request(Context(now).new_id())], SOURCE)
            await erasures.asked(connection, held[0].erasure_id, now)
        self._committed()
        return True

    async def _finish(self, connection: Connection, erasure: Erasure, swept: bool) -> None:
        """Forgets whom it was about once everybody has answered, and has Kafka forget the request."""
        if not swept or missing(await erasures.answered(connection, erasure.erasure_id)):
            return
        now, context = self._clock(), Context(self._clock())
        over = ErasureCompleted(event_id=context.new_id(), occurred_at=now, erasure_id=erasure.erasure_id)
        await append(connection, [over], SOURCE)
        await publish_to_dead_letters(connection, [over], SOURCE)
        await erasures.add_places(connection, erasure.erasure_id, SERVICE, request_topics(now), now)
        await erasures.finish(connection, erasure.erasure_id, now)
