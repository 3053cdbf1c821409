"""A shop's traffic made into everything that the console reads: carts, decisions, messages, clicks, orders and returns.

Chance is of the names, so the same rows give the same events. It is much simpler than the services, and as untidy.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from deploy.traffic.trace import Row
from deploy.traffic.trace_events import TraceEvents
from libs.contracts import events as e
from tests.unit.console.making import NAMES

HOUR = timedelta(hours=1)
REASONS = ("ordered", "no_consent", "cart_changed")


def share(*names: object) -> float:
    """Between 0 and 1, always the same of the same names."""
    return int.from_bytes(sha256("|".join(map(str, names)).encode()).digest()[:6]) / 2**48


def rows(shoppers: int, days: int, since: datetime = datetime(2026, 9, 1, tzinfo=UTC)) -> list[Row]:
    """Rows as a trace has them: shoppers who put things into carts now and then, and buy some of them."""
    found = []
    for number in range(shoppers):
        name = f"shopper-{number}"
        for visit in range(1 + int(3 * share(name, "visits"))):
            at = since + timedelta(days=days * share(name, visit))
            at = at.replace(microsecond=0)
            for item in range(1 + int(3 * share(name, visit, "items"))):
                price = int(5000 * share(name, visit, item))
                found.append(Row(at + timedelta(minutes=3 * item), name, "cart", f"sku-{item}", price))
            if share(name, visit, "buys") < 0.35:
                wait = timedelta(hours=1 + int(130 * share(name, visit, "waits")))
                found.append(Row(at + wait, name, "purchase", "sku-0", 1000))
    return sorted(found)


class Traffic:
    """Events of rows, with what a trigger and a notifier would have told beside them."""

    def __init__(self, store_id: str = "shop") -> None:
        self._store_id, self._made = store_id, TraceEvents(store_id)

    def events(self, given: Iterable[Row]) -> list[e.Event]:
        """All of them, in order of time."""
        found: list[e.Event] = []
        for row in given:
            event = self._made.event(row)
            order = self._made.order
            if isinstance(event, e.CartEvent):
                found.append(event)
                if not event.closes and event.units:
                    found += self._reminders(event)
            if order is not None:
                found += self._order(order)
        return sorted(found, key=lambda event: (event.occurred_at, event.event_id))

    def _reminders(self, cart: e.CartEvent) -> Iterator[e.Event]:
        for step, (after, channel) in enumerate(((HOUR, "email"), (24 * HOUR, "sms")), start=1):
            yield from self._reminder(cart, step, cart.occurred_at + after, channel)

    def _reminder(self, cart: e.CartEvent, step: int, due: datetime, channel: str) -> Iterator[e.Event]:
        who = str(cart.customer_id)
        arm = "holdout" if share(who, "arm") < 0.2 else "treatment"
        reminder_id = uuid5(NAMES, f"{cart.cart_id}|{cart.cart_version}|{step}")
        skip = "holdout" if arm == "holdout" else "cooling_down" if share(reminder_id, "skip") < 0.1 else None
        about: dict[str, Any] = {
            "reminder_id": reminder_id,
            "store_id": self._store_id,
            "customer_id": who,
            "campaign": "cart",
            "kind": "abandoned_cart",
            "step": step,
            "channel": channel,
            "cart_id": cart.cart_id,
        }
        decided = about | {
            "campaign_version": "4" if due.day < 15 else "5",
            "step_name": f"step {step}",
            "arm": arm if skip != "cooling_down" else None,
            "outcome": "skipped" if skip else "would_send",
            "reason": skip or "idle",
            "cart_version": cart.cart_version,
            "due_at": due,
            "decided_at": due,
        }
        yield e.ReminderDecided.model_validate(decided | {"event_id": reminder_id, "occurred_at": due})
        if skip is None:
            yield from self._message(about, due)

    def _message(self, about: dict[str, Any], due: datetime) -> Iterator[e.Event]:
        name = about["reminder_id"]
        end = share(name, "end")
        if end < 0.05:
            return
        if end < 0.2:
            yield _of(e.MessageCancelled, about, due, reason=REASONS[int(end * 100) % 3])
            return
        yield _of(e.MessageSent, about, due + timedelta(seconds=2))
        yield _of(e.MessageDelivered, about, due + timedelta(seconds=9))
        if share(name, "scanner") < 0.2:
            yield _of(e.MessageClicked, about, due + timedelta(seconds=4), suspected="first_seconds")
        if share(name, "click") < 0.4:
            yield _of(e.MessageClicked, about, due + timedelta(minutes=int(3000 * share(name, "when"))))
        if share(name, "complains") < 0.02:
            yield _of(e.MessageComplained, about, due + HOUR)

    def _order(self, order: e.OrderPlaced) -> Iterator[e.Event]:
        untold = share(order.order_id, "guest") < 0.1
        currency = "USD" if share(order.order_id, "currency") < 0.2 else order.currency
        said = order.model_dump() | {"customer_id": None if untold else order.customer_id, "currency": currency}
        yield e.OrderPlaced.model_validate(said | {"event_id": uuid5(NAMES, order.order_id)})
        back = share(order.order_id, "back")
        if back < 0.2:
            kind = e.OrderCancelled if back < 0.05 else e.OrderReturned
            whole, after = back < 0.12, order.occurred_at + timedelta(days=1 + int(50 * back))
            status = ("cancelled" if back < 0.05 else "returned") if whole else "delivered"
            total = 0 if whole else (order.total or 0) // 2
            told = {"event_id": uuid5(NAMES, f"{order.order_id}|back"), "occurred_at": after, "happened_at": after}
            yield kind.model_validate(said | told | {"status": status, "total": total, "goods": {}})


def _of(kind: type[e.MessageEvent], about: dict[str, Any], at: datetime, **more: Any) -> e.MessageEvent:
    event_id: UUID = uuid5(about["reminder_id"], kind.type + more.get("suspected", ""))
    return kind.model_validate(about | more | {"event_id": event_id, "occurred_at": at})
