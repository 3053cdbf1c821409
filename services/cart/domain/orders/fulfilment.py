"""What became of an order, told in any order and more than once. Pure.

Facts stand in the order in which they happened. What cannot be (cancelled after it was delivered) changes nothing, but
is told all the same, as a mismatch: a shop's system that says so is wrong somewhere, and somebody has to look.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from services.cart.domain.orders.commands import UpdateType

Status = Literal["placed", "payment_failed", "shipped", "delivered", "cancelled", "returned"]
Mismatch = Literal["status", "quantity"]
_WAY: tuple[UpdateType, ...] = ("payment_failed", "cancelled", "shipped", "delivered", "returned")
ALL = ""
"""Stands for everything in an order that does not say what was bought. No sku is empty."""


@dataclass(frozen=True, slots=True)
class Update:
    """Something that happened to an order: to these units by sku, or (where there are none) to all of it.

    `reopen`: they are to be in the cart again. `tracking_url` is where what was shipped is followed.
    """

    type: UpdateType
    occurred_at: datetime
    sequence: int = 0
    units: Mapping[str, int] = field(default_factory=dict)
    reopen: bool = False
    tracking_url: str | None = None

    @property
    def identity(self) -> tuple[str, datetime, int]:
        """The same fact again has the same."""
        return (self.type, self.occurred_at, self.sequence)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an order stands: units by sku that are still in it, how many of them were sent and have arrived.

    `gone` says how the last units went that are not in it any more, `impossible` what could not be. `unpaid`: its
    payment failed, and nothing has been sent since, which would be proof that it was paid after all.
    """

    left: Mapping[str, int]
    sent: Mapping[str, int]
    arrived: Mapping[str, int]
    gone: UpdateType | None = None
    impossible: tuple[Mismatch, ...] = ()
    unpaid: bool = False

    @property
    def status(self) -> Status:
        """As a whole: delivered once all of it is, shipped as soon as some of it is."""
        if not any(self.left.values()):
            return "returned" if self.gone == "returned" else "cancelled"
        if all(self.arrived[sku] >= units for sku, units in self.left.items()):
            return "delivered"
        if any(self.sent.values()):
            return "shipped"
        return "payment_failed" if self.unpaid else "placed"


def standing_of(bought: Mapping[str, int], updates: Iterable[Update]) -> Standing:
    """Where an order of these units stands after all of that, in the order in which it happened."""
    goods = bought or {ALL: 1}
    none = dict.fromkeys(goods, 0)
    now = Standing(goods, none, none)
    for update in sorted(updates, key=when):
        now = _after(now, update, known=bool(bought))
    return now


def when(update: Update) -> tuple[datetime, int, int]:
    """Where a fact stands among others; of one instant in the order in which goods go their way."""
    return update.occurred_at, update.sequence, _WAY.index(update.type)


def judge(bought: Mapping[str, int], before: Sequence[Update], update: Update) -> tuple[Status, Mismatch | None]:
    """The order's status with one fact more, and what of it can't be, or makes what was told before impossible."""
    known, after = standing_of(bought, before), standing_of(bought, (*before, update))
    more = [one for one in after.impossible if after.impossible.count(one) > known.impossible.count(one)]
    return after.status, more[0] if more else None


def total_of(
    total: int | None, bought: Mapping[str, int], left: Mapping[str, int], prices: Mapping[str, int]
) -> int | None:
    """What an order costs once only `left` is in it, in minor units; its whole total where a price is not known."""
    gone = Counter(bought) - Counter(left)
    if total is None or any(sku not in prices for sku in gone):
        return total
    return max(total - sum(units * prices[sku] for sku, units in gone.items()), 0)


def told_before(before: Iterable[Update], update: Update) -> Update | None:
    """What told that, if anything did: the same fact, or one of the whole order of which another system knew the time
    otherwise. Payments may fail several times.
    """
    once = update.type != "payment_failed" and not update.units
    return next(
        (
            one
            for one in before
            if one.identity == update.identity or (once and one.type == update.type and not one.units)
        ),
        None,
    )


def followed_at(updates: Iterable[Update]) -> str | None:
    """Where the parcel that was shipped last is followed, of those of which it is known."""
    links = [one.tracking_url for one in sorted(updates, key=when) if one.tracking_url]
    return links[-1] if links else None


def _after(now: Standing, update: Update, *, known: bool) -> Standing:
    if update.units and not known:
        return now  # parts of an order of which nobody has said what is in it
    if not Counter(update.units) <= Counter(now.left):
        return _refused(now, "quantity")
    open_to_it = _open_to(now, update)
    units = update.units or {sku: count for sku, count in open_to_it.items() if count}
    whole_but_begun = update.type in ("cancelled", "payment_failed") and not update.units and any(now.sent.values())
    if not units or whole_but_begun or any(count > open_to_it[sku] for sku, count in units.items()):
        return _refused(now, "status")
    return _moved(now, update.type, units)


def _open_to(now: Standing, update: Update) -> Mapping[str, int]:
    """Units of each sku to which that could still happen."""
    done: Mapping[str, int] = {"returned": {}, "delivered": now.arrived}.get(update.type, now.sent)
    return {sku: count - done.get(sku, 0) for sku, count in now.left.items()}


def _moved(now: Standing, how: UpdateType, units: Mapping[str, int]) -> Standing:
    def plus(counts: Mapping[str, int], sign: int = 1) -> dict[str, int]:
        return {sku: max(count + sign * units.get(sku, 0), 0) for sku, count in counts.items()}

    match how:
        case "payment_failed":
            return replace(now, unpaid=True)
        case "shipped":
            return replace(now, sent=plus(now.sent), unpaid=False)
        case "delivered":
            arrived = plus(now.arrived)
            sent = {sku: max(count, arrived[sku]) for sku, count in now.sent.items()}
            return replace(now, arrived=arrived, sent=sent, unpaid=False)
        case "cancelled":
            return replace(now, left=plus(now.left, -1), gone=how)
        case "returned":
            left, sent, arrived = (plus(counts, -1) for counts in (now.left, now.sent, now.arrived))
            return replace(now, left=left, sent=sent, arrived=arrived, gone=how)


def _refused(now: Standing, mismatch: Mismatch) -> Standing:
    return replace(now, impossible=(*now.impossible, mismatch))
