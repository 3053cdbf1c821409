"""One crossing's way through the holders of its item. Pure."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from libs.contracts.events import LowItem, ToldPrice
from services.trigger.domain.decision import EXPIRED, Decision, admit, crossing_reminder_id, decision
from services.trigger.domain.kinds.campaign import Planned
from services.trigger.domain.participation import Entry, Participants
from services.trigger.domain.reach import UNREACHABLE, Reach

TOGETHER = timedelta(minutes=1)
"""Items that run low within this time are one message to whoever holds several of them, where no campaign says more."""
EVERYBODY = 2**62
"""How many may be told where a campaign sets no bound."""
ALSO_MOST = 20
"""So many further items are named at most: nobody reads more of them."""
TOLD_TOGETHER = "told_together"
"""The reason of an item of which a message about another one told."""
COOLING_DOWN = "cooling_down"
"""The reason of an item of which the customer was told within the campaign's `cool_down`, or in the same fan-out."""
BOUGHT = "bought"
"""The reason of an item that the customer has ordered since they put it into the cart, or not long ago."""


@dataclass(frozen=True, slots=True)
class FanOut:
    """A crossing whose holders are being told: how many may still be, and the place up to which they were read.

    `rearmed` says that the item is armed for the next crossing already; `now` is the database's clock. `fallen` are the
    prices that fell, where it is about those, and `superseded` whether the item's prices have changed since. Of those
    who held it at `waiting_since` already, where that is told, the longest waiting come first. `level_now` is how many
    units there are as the campaign sees it, None where it sees none.
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
    fallen: tuple[ToldPrice, ...] = ()
    superseded: bool = False
    waiting_since: datetime | None = None
    level_now: int | None = None

    def from_there(self, last: "Holder", told: int) -> "FanOut":
        """As it is when holders up to `last` were read and `told` of them will get a message."""
        return replace(
            self, cursor_touched_at=last.touched_at, cursor_cart_id=last.place, remaining=self.remaining - told
        )

    def entry(self) -> Entry:
        """With what those enter the campaign who are told."""
        return Entry(str(self.crossing_id), self.occurred_at)


class Holder(NamedTuple):
    """A customer whose open cart holds the item; `told_together`: a message about another one named it.

    `also_low` is what else that they hold has run low with it. `cooling_down`: they were told of this item lately.
    `seen_price` is what a unit cost when it came into the cart, in minor units of the cart's `currency`, where that is
    known; `told_price` the lowest that the campaign has told them of. Who has `bought` it needs
    none. `total` is what the cart costs, `origin` who filled it where that was no shopper. `left_out` is why the
    campaign is not for them. Who watches the item (`watch_id`) has it in no cart, and waits since `touched_at`.
    """

    cart_id: UUID | None
    customer_id: str
    touched_at: datetime
    cart_version: int | None
    told_together: bool = False
    cooling_down: bool = False
    currency: str | None = None
    told_price: int | None = None
    bought: bool = False
    total: int = 0
    origin: str | None = None
    also_low: tuple[LowItem, ...] = ()
    reach: Reach | None = None
    seen_price: int | None = None
    left_out: str | None = None
    watch_id: UUID | None = None

    @property
    def place(self) -> UUID:
        """What tells them from others who wait since the same time: the cart, or the watch."""
        place = self.cart_id or self.watch_id
        assert place is not None, "they hold the item, or watch it"
        return place

    @property
    def skip(self) -> str | None:
        """Why they are not told, whatever the campaign's kind, or None."""
        if self.bought:
            return BOUGHT
        if self.told_together:
            return TOLD_TOGETHER
        return COOLING_DOWN if self.cooling_down else self.left_out

    def unreachable(self, planned: Planned) -> bool:
        """Whether it is known that none of a step's channels reaches them."""
        return self.reach is not None and not self.reach.by_any(planned.step.by_preference)


def each_once(holders: Iterable[Holder], told_to: Collection[str] = ()) -> Iterator[Holder]:
    """Holders as they come; a customer's second cart is told nothing, nor anything of whom is told by now (`told_to`).

    Who watches an item and holds it is told as the one where the campaign is not for the other.
    """
    seen = set[tuple[str, bool]]()
    for holder in holders:
        one = (holder.customer_id, holder.watch_id is None)
        again = one in seen or holder.customer_id in told_to
        yield holder._replace(cooling_down=True) if again else holder
        seen.add(one)


def decide(
    fan_out: FanOut,
    holder: Holder,
    planned: Planned,
    participants: Participants,
    threshold: int | None = None,
    *,
    price: int | None = None,
) -> Decision:
    """The decision to tell a holder, because of what the campaign's kind answers.

    `threshold` is the level up to which the reminder holds, `price` the price up to which it does, each None where it
    doesn't matter.
    """
    skip, arm = planned.skip or holder.skip, None
    skip = skip or (EXPIRED if fan_out.now > planned.expires_at else None)
    if skip is None and holder.unreachable(planned):
        skip = UNREACHABLE
    if skip is None:
        skip, arm = admit(planned, fan_out.store_id, holder.customer_id, fan_out.entry, participants)
    return decision(
        planned,
        reminder_id=crossing_reminder_id(fan_out.crossing_id, holder.place, planned.name),
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
        price=price,
    )
