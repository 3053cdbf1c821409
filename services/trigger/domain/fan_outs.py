"""One crossing's way through the holders of its item. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.contracts.events import LowItem
from services.trigger.domain.decision import EXPIRED, Decision, admit, crossing_reminder_id, decision
from services.trigger.domain.kinds.campaign import Planned
from services.trigger.domain.participation import Entry, Participants

TOGETHER = timedelta(minutes=1)
"""Items that run low within this time are one message to whoever holds several of them, where no campaign says more."""
TOLD_TOGETHER = "told_together"
"""The reason of an item of which a message about another one told, or that was too late for it."""
COOLING_DOWN = "cooling_down"
"""The reason of an item of which the customer was told within the campaign's `cool_down`, or in the same fan-out."""


@dataclass(frozen=True, slots=True)
class FanOut:
    """A crossing whose holders are being told: how many may still be, and the place up to which they were read.

    `rearmed` says that the item is armed for the next crossing already; `now` is the database's clock.
    """

    crossing_id: UUID
    store_id: str
    campaign: str
    sku: str
    level: int
    level_version: int
    occurred_at: datetime
    remaining: int
    threshold: int | None
    cursor_touched_at: datetime
    cursor_cart_id: UUID
    rearmed: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """A customer whose open cart holds the item; `told_together`: the campaign tells them of another one just now.

    `also_low` is what else that they hold has run low with it. `cooling_down`: they were told of this item lately.
    """

    cart_id: UUID
    customer_id: str
    touched_at: datetime
    cart_version: int
    told_together: bool = False
    also_low: tuple[LowItem, ...] = ()
    cooling_down: bool = False

    @property
    def skip(self) -> str | None:
        """Why they are not told, whatever the campaign's kind, or None."""
        if self.told_together:
            return TOLD_TOGETHER
        return COOLING_DOWN if self.cooling_down else None


def each_once(holders: Iterable[Holder]) -> Iterator[Holder]:
    """Holders as they come; a customer's second cart is told nothing."""
    seen = set[str]()
    for holder in holders:
        yield replace(holder, cooling_down=True) if holder.customer_id in seen else holder
        seen.add(holder.customer_id)


def decide(
    fan_out: FanOut, holder: Holder, planned: Planned, participants: Participants, threshold: int | None = None
) -> Decision:
    """The decision to tell a holder, because of what the campaign's kind answers.

    `threshold` is the level up to which the reminder holds, None where the level doesn't matter any more.
    """
    skip, arm = planned.skip or holder.skip, None
    skip = skip or (EXPIRED if fan_out.now > planned.expires_at else None)
    if skip is None:
        entry = Entry(str(fan_out.crossing_id), fan_out.occurred_at)
        skip, arm = admit(planned, fan_out.store_id, holder.customer_id, entry, participants)
    return decision(
        planned,
        reminder_id=crossing_reminder_id(fan_out.crossing_id, holder.cart_id, planned.name),
        store_id=fan_out.store_id,
        customer_id=holder.customer_id,
        cart_id=holder.cart_id,
        cart_version=holder.cart_version,
        skip=skip,
        because=planned.campaign.kind,
        arm=arm,
        sku=fan_out.sku,
        threshold=threshold,
        also_low=holder.also_low,
    )
