"""The figures counted from the raw events, a look at all of them for each: slow, plain, no code of the console's."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from libs.contracts import events as e

GONE = {"cancelled", "returned", "payment_failed"}
Sums = dict[str, Counter[tuple[Any, ...]]]


class ByHand:
    """What the sums of all days have to be, by table: key → number."""

    def __init__(
        self,
        events: Iterable[e.Event],
        zone: str = "UTC",
        windows: Mapping[str, int] | None = None,
        rates: Mapping[str, Fraction] | None = None,
        window: int = 5,
    ) -> None:
        self._zone, self._windows, self._window = ZoneInfo(zone), windows or {}, window
        self._rates = {"EUR": Fraction(1)} | dict(rates or {})
        told = {event.event_id: event for event in events}.values()
        self.decided = {one.reminder_id: one for one in told if isinstance(one, e.ReminderDecided)}
        self.heard: dict[Any, list[e.MessageEvent]] = defaultdict(list)
        self.orders: dict[str, list[Any]] = defaultdict(list)
        for one in told:
            if isinstance(one, e.MessageEvent):
                self.heard[one.reminder_id].append(one)
            elif isinstance(one, e.OrderPlaced | e.OrderEvent):
                self.orders[one.order_id].append(one)
        self.summed = [self._order(of) for of in self.orders.values()]

    def sums(self) -> Sums:
        """All of them."""
        return {
            "touches": self._touches(),
            "reasons": self._reasons(),
            "orders": self._orders(),
            "credits": self._credits(),
            "people": self._people(),
        }

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def _place(self, reminder_id: Any) -> tuple[Any, ...]:
        one = self.decided[reminder_id]
        return (one.campaign, one.campaign_version or "", one.step, one.channel, one.arm or "")

    def _touches(self) -> Counter[tuple[Any, ...]]:
        found: Counter[tuple[Any, ...]] = Counter()
        for reminder_id, one in self.decided.items():
            kinds = {type(said) for said in self.heard[reminder_id]}
            key = (self._day(one.decided_at), *self._place(reminder_id))
            found[(*key, "decided")] += 1
            found[(*key, "held_out")] += one.reason == "holdout"
            found[(*key, "asked")] += one.outcome == "would_send"
            found[(*key, "waiting")] += one.outcome == "would_send" and not kinds
            found[(*key, "sent")] += e.MessageSent in kinds
            found[(*key, "delivered")] += e.MessageDelivered in kinds
            clicks = [said.suspected for said in self.heard[reminder_id] if isinstance(said, e.MessageClicked)]
            found[(*key, "clicked")] += None in clicks
            found[(*key, "suspected")] += bool(clicks) and None not in clicks
            found[(*key, "complained")] += e.MessageComplained in kinds
        return +found

    def _reasons(self) -> Counter[tuple[Any, ...]]:
        found: Counter[tuple[Any, ...]] = Counter()
        for reminder_id, one in self.decided.items():
            key = (self._day(one.decided_at), *self._place(reminder_id))
            if one.outcome == "skipped" and one.reason != "holdout":
                found[(*key, "skipped", one.reason)] += 1
            for said in self.heard[reminder_id]:
                if isinstance(said, e.MessageCancelled):
                    found[(*key, "cancelled", said.reason)] += 1
        return found

    def _order(self, told: list[Any]) -> dict[str, Any]:
        newest = max(told, key=lambda one: one.occurred_at)
        (placed,) = [one for one in told if isinstance(one, e.OrderPlaced)]
        standing = (newest.status or "placed") not in GONE
        net = newest.total if standing else 0
        rate = self._rates.get(str(placed.currency))
        order = {
            "customer": placed.customer_id,
            "cart": placed.cart_id,
            "at": placed.placed_at or placed.occurred_at,
            "currency": placed.currency,
            "gross": placed.total,
            "net": net,
            "stands": standing,
            "in_store": None if rate is None else round(net * rate),
        }
        return order | {"credit": self._credit(order)}

    def _credit(self, order: Mapping[str, Any]) -> Any:
        best: tuple[datetime, Any] | None = None
        for reminder_id, told in self.heard.items():
            for said in told:
                if not isinstance(said, e.MessageClicked) or said.suspected:
                    continue
                theirs = said.customer_id == order["customer"] or (said.cart_id == order["cart"] and said.cart_id)
                window = timedelta(days=self._windows.get(said.channel, self._window))
                if theirs and said.occurred_at <= order["at"] <= said.occurred_at + window:
                    best = max(filter(None, (best, (said.occurred_at, reminder_id))))
        return best[1] if best else None

    def _orders(self) -> Counter[tuple[Any, ...]]:
        found: Counter[tuple[Any, ...]] = Counter()
        for order in self.summed:
            place = self._place(order["credit"]) if order["credit"] else ("", "", 0, "", "")
            key = (self._day(order["at"]), *place, order["currency"])
            found[(*key, "orders")] += order["stands"]
            found[(*key, "gone")] += not order["stands"]
            found[(*key, "gross")] += order["gross"]
            found[(*key, "net")] += order["net"]
            found[(*key, "in_store")] += order["in_store"] or 0
        return +found

    def _credits(self) -> Counter[tuple[Any, ...]]:
        found: Counter[tuple[Any, ...]] = Counter()
        for order in self.summed:
            if order["credit"] and order["stands"]:
                day = self._day(self.decided[order["credit"]].decided_at)
                key = (day, *self._place(order["credit"]), order["currency"])
                found[(*key, "orders")] += 1
                found[(*key, "net")] += order["net"]
                found[(*key, "in_store")] += order["in_store"] or 0
        return +found

    def _people(self) -> Counter[tuple[Any, ...]]:
        entered: dict[tuple[str, str], e.ReminderDecided] = {}
        carts: dict[tuple[str, str], set[Any]] = defaultdict(set)
        for one in self.decided.values():
            who = (one.campaign, one.customer_id)
            carts[who].add(one.cart_id)
            if one.arm is not None and (who not in entered or one.decided_at < entered[who].decided_at):
                entered[who] = one
        found: Counter[tuple[Any, ...]] = Counter()
        for who, one in entered.items():
            until = one.decided_at + timedelta(days=self._window)
            bought = [
                order
                for order in self.summed
                if order["stands"]
                and one.decided_at < order["at"] <= until
                and (order["customer"] == who[1] or (order["cart"] and order["cart"] in carts[who]))
            ]
            spent = sum(order["in_store"] or 0 for order in bought)
            key = (self._day(one.decided_at), one.campaign, one.arm, spent)
            found[(*key, "people")] += 1
            found[(*key, "ordered")] += bool(bought)
        return +found
