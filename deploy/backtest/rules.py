"""What the notifier would make of reminders: its own policy, with the rules of a store, over the time of the events.

Nothing is known of contacts, consents and unsubscriptions: everybody has both channels and has agreed. What a cap or
quiet hours put off is looked at again when they end, if the cart is as it was.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError

from deploy.traffic.trace_file import TrafficError
from libs.contracts.events import CartEvent
from libs.files.yaml_file import load
from services.notifier.channels.registry import CHANNELS
from services.notifier.domain.kinds.registry import KINDS
from services.notifier.domain.policy import Cancel, Expire, Go, Rules, Wait, check
from services.notifier.domain.reminder import Contact, RecipientState, Reminder
from services.notifier.domain.store import Store
from services.trigger.domain.carts import why_voided
from services.trigger.domain.exits import ORDER_PLACED
from services.trigger.domain.told import Told

_NOBODY = UUID(int=0)
_EVERYBODY = Contact(1, "a@example.com", "+12025550100", None, "en", None, email_consent=True, sms_consent=True)


class _StoreFile(BaseModel):
    """What of a store's file is about messages; the rest is passed over."""

    name: str = "store"
    time_zone: str = "UTC"
    messages: dict[str, Any] = Field(default_factory=dict)


def store_of(path: Path) -> Store:
    """A store by its file: what it leaves open (caps, quiet hours) is off. Raises `FileFaultError`, `TrafficError`."""
    try:
        return Store.described(load(path, _StoreFile).model_dump(), {})
    except ValidationError as error:
        faults = [f"{path.name}:1: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise TrafficError("\n".join(faults)) from None


class StoreRules:
    """Asks the policy of each reminder; memory is that of people who were sent something within a cap."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sent: dict[tuple[str, str], datetime] = {}
        self._episodes: set[tuple[str, UUID | None, int | None]] = set()
        self._waiting: list[tuple[datetime, int, int, Told]] = []
        self._carts: dict[UUID | None, dict[int, Told]] = {}
        self._order = count()

    def ask(self, one: Told, order: int) -> Iterator[Told]:
        """What becomes of a decision, if it is known by now; `order` tells it from others of that moment."""
        if one.outcome != "would_send":
            yield one
        else:
            yield from self._settled(one, one.due_at, order)

    def before(self, moment: datetime) -> Iterator[tuple[datetime, int, Told]]:
        """What becomes of what waited, before a moment; each with when that was, and the order of its decision."""
        while self._waiting and self._waiting[0][0] < moment:
            yield from self._next()

    def through(self, moment: datetime) -> Iterator[tuple[datetime, int, Told]]:
        """The same with that of the moment itself."""
        while self._waiting and self._waiting[0][0] <= moment:
            yield from self._next()

    def change(self, event: CartEvent) -> Iterator[Told]:
        """A cart that changed is one that nothing waits for any more."""
        waiting = self._carts.get(event.cart_id)
        for number, one in list(waiting.items()) if waiting else ():
            why = _why_not(one, event)
            if why is not None:
                del self._carts[event.cart_id][number]
                yield one._replace(outcome="skipped", reason=why)

    def end(self) -> Iterator[tuple[datetime, int, Told]]:
        """Of what still waits nothing more will be known: it would go out when its time comes."""
        yield from self.before(datetime.max.replace(tzinfo=UTC))

    def _next(self) -> Iterator[tuple[datetime, int, Told]]:
        at, order, number, one = heappop(self._waiting)
        waiting = self._carts[one.cart_id]
        if waiting.pop(number, None):
            for settled in self._settled(one, at, order):
                yield at, order, settled
        if not waiting:
            self._carts.pop(one.cart_id, None)

    def _settled(self, one: Told, now: datetime, order: int) -> Iterator[Told]:
        silent = self._store.silent(one.channel)
        verdict = Cancel(silent) if silent else check(_reminder(one), self._recipient(one), self._rules(one), now)
        match verdict:
            case Go():
                self._note(one, now)
                yield one._replace(sent_at=now)
            case Wait(until):
                number = next(self._order)
                heappush(self._waiting, (until, order, number, one))
                self._carts.setdefault(one.cart_id, {})[number] = one
            case Cancel(reason) | Expire(reason):
                yield one._replace(outcome="skipped", reason=reason)

    def _rules(self, one: Told) -> Rules:
        store, kind = self._store, KINDS.get(one.kind)
        once = CHANNELS[one.channel].once_a_cart and kind is not None and kind.once_a_cart
        transactional = kind is not None and kind.purpose == "transactional"
        return Rules(store.cap(one.channel), store.quiet, store.zone, once_a_cart=once, transactional=transactional)

    def _recipient(self, one: Told) -> RecipientState:
        return RecipientState(
            _EVERYBODY,
            last_sent_at=self._sent.get((one.channel, one.customer_id or "")),
            episode_sent=(one.channel, one.cart_id, one.cart_version) in self._episodes,
        )

    def _note(self, one: Told, now: datetime) -> None:
        kind = KINDS.get(one.kind)
        if self._store.cap(one.channel) and not (kind is not None and kind.purpose == "transactional"):
            self._sent[one.channel, one.customer_id or ""] = now
            if CHANNELS[one.channel].once_a_cart:
                self._episodes.add((one.channel, one.cart_id, one.cart_version))


def _why_not(one: Told, event: CartEvent) -> str | None:
    """Why the last look would find that a reminder says what is not so any more; of an item while it is in the cart."""
    if one.sku is not None and not event.closes:
        return None if one.sku in event.holds else "not_in_cart"
    if event.closes or event.goods != one.cart_version:
        return why_voided(event)
    return "ordered" if event.silent and (one.exit_on is None or ORDER_PLACED in one.exit_on) else None


def _reminder(one: Told) -> Reminder:
    return Reminder(
        reminder_id=_NOBODY,
        store_id="",
        customer_id=one.customer_id or "",
        campaign=one.campaign,
        kind=one.kind,
        step=one.step,
        channel=one.channel,
        template="",
        cart_id=one.cart_id,
        cart_version=one.cart_version,
        sku=one.sku,
        threshold=None,
        quiet_since=None,
        due_at=one.due_at,
        expires_at=one.expires_at,
        variant=one.arm,
        coupon=None,
        state="pending",
        reason=None,
        failures=0,
        received_at=one.due_at,
        lease_token=_NOBODY,
        copies=0,
    )
