"""What a batch of events means for the carts in it. Pure: known carts and events in, changed ones and decisions out."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from libs.contracts.events import CartEvent
from libs.contracts.events.lines import CartLine
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.carts import CartState, apply
from services.trigger.domain.episodes import due
from services.trigger.domain.facts import Episode
from services.trigger.domain.kinds.campaign import Planned
from services.trigger.domain.reach import ReachOf

CampaignsOf = Callable[[str], StoreCampaigns]
"""What is switched on for a store."""


class Held(NamedTuple):
    """Units of an item in a cart, when they last changed, and what one cost then (minor units), where that was told."""

    units: int
    since: datetime
    seen_price: int | None


@dataclass(frozen=True, slots=True)
class ChangedCart:
    """A cart after the batch: the partition it came through, and what it holds by sku."""

    state: CartState
    partition: int
    holds: Mapping[str, Held]


@dataclass(slots=True)
class BatchOutcome:
    """What a batch came to: `dropped` events were known or older, or came after the end of their cart.

    `overtaken` are carts as they were before a change, with the steps that were due by then: they are to be decided on,
    in this order.
    """

    changed: dict[UUID, ChangedCart] = field(default_factory=dict)
    overtaken: list[tuple[CartState, tuple[Planned, ...]]] = field(default_factory=list)
    dropped: int = 0
    held_then: dict[Episode, Collection[str]] = field(default_factory=dict)
    """What overtaken carts held, where that came with this very batch."""


def apply_batch(
    known: Mapping[UUID, CartState],
    events: Iterable[tuple[CartEvent, int]],
    campaigns: CampaignsOf,
    erased: Mapping[tuple[str, str], datetime] = MappingProxyType({}),
    reach: ReachOf = MappingProxyType({}),
) -> BatchOutcome:
    """Applies events with their partitions, in order. What occurred up to the erasure of its customer is dropped:
    `erased` says until when, by store and customer; `reach` how they can be reached, where windows hang on it.

    A step that was due before a change, but is looked at only after it (a lagging reader, a batch that holds both), is
    decided as it would have been in time: what is decided hangs on the facts alone and never on how fast they were
    read. Nobody is told a falsehood by it: the notifier's last look sees the newer version of the cart.
    """
    outcome = BatchOutcome()
    for event, partition in events:
        before = outcome.changed.get(event.cart_id)
        state = before.state if before else known.get(event.cart_id)
        after = apply(state, event)
        if after is state or _of_somebody_erased(event, erased):
            outcome.dropped += 1
            continue
        if state is not None and (late := due(state, campaigns(state.store_id), event.occurred_at)):
            outcome.overtaken.append((state, late))
            if before is not None:
                outcome.held_then[state.cart_id, state.goods_version] = tuple(before.holds)
        if reach and after.customer_id is not None:
            after = after._replace(reach=reach.get((after.store_id, after.customer_id)))
        held = {} if after.closed else held_since(before.holds if before else {}, event)
        outcome.changed[event.cart_id] = ChangedCart(after, partition, held)
    return outcome


def held_since(before: Mapping[str, Held], event: CartEvent) -> dict[str, Held]:
    """What a cart holds after an event. What a customer saw is the price of when they put it in, or changed its units:
    one that moves by itself is none that they saw.
    """
    at, costs = event.occurred_at, lowest_prices(event.lines or ())
    return {
        sku: before[sku] if sku in before and before[sku].units == units else Held(units, at, costs.get(sku))
        for sku, units in event.holds.items()
        if units > 0
    }


def lowest_prices(lines: Iterable[CartLine]) -> dict[str, int]:
    """What a unit of each item costs that is bought; of lines with other options the lowest."""
    found: dict[str, int] = {}
    for line in lines:
        if not line.saved:
            found[line.sku] = min(line.price, found.get(line.sku, line.price))
    return found


def _of_somebody_erased(event: CartEvent, erased: Mapping[tuple[str, str], datetime]) -> bool:
    until = erased.get((event.store_id, event.recipient or "")) if erased else None
    return until is not None and event.occurred_at <= until
