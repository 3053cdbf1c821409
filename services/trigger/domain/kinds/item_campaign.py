"""What campaigns on items have in common, whatever becomes of the item: when and how often holders are told. Pure."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, WrapValidator

from services.trigger.domain.conditions import Continue, Enter
from services.trigger.domain.decision import EXPIRED
from services.trigger.domain.exits import BY_ORDERS
from services.trigger.domain.facts import About, Facts
from services.trigger.domain.fan_outs import FanOut, Holder
from services.trigger.domain.kinds.campaign import Conditional, Planned
from services.trigger.domain.origins import why_no_shopper
from services.trigger.domain.reach import UNREACHABLE
from services.trigger.domain.timing.durations import Duration
from services.trigger.domain.timing.steps import Message, one_by_one


class ItemStep(Message):
    """A message as soon as there is something to tell; one that is later than `lateness` is not sent."""

    lateness: Duration = Field(default=timedelta(hours=6), gt=timedelta(0))


class ItemCampaign(Conditional):
    """Tells people of an item, all steps at once.

    Nobody is told of the same item again within `cool_down`, however often it comes to that: feeds flap. Nor is who has
    ordered it since they put it into the cart, or within `bought_within`. `enter` asks of the cart that holds it
    (total, origin), of its owner, and of the item (category); `continue` whether the item can be bought. With
    `recipients: reachable` nobody is told of whom it is not known that they can be reached.
    """

    enter: Enter = Enter()
    continue_: Continue = Field(default=Continue(), alias="continue")
    recipients: Literal["reachable"] | None = None
    look_back: Duration = Field(default=timedelta(days=30), gt=timedelta(0))
    cool_down: Duration = Field(default=timedelta(hours=24), ge=timedelta(0))
    bought_within: Duration = Field(default=timedelta(days=30), ge=timedelta(0))
    steps: Annotated[tuple[ItemStep, ...], Field(min_length=1, max_length=5), WrapValidator(one_by_one)]

    @property
    def not_of_origin(self) -> Collection[str]:
        """Whose carts the campaign is not for."""
        return self.enter.origin.none

    @property
    def together(self) -> timedelta | None:
        """Items of which there is something to tell within this time are one message; None where each is its own."""
        return None

    def judge(self, fan_out: FanOut, holder: Holder, facts: Facts) -> Holder:
        """A holder with why the campaign is not for them, if it isn't, and without items that it is not for."""
        if holder.origin is None and self._for_all:
            return holder
        at = fan_out.occurred_at

        def why_not(sku: str) -> str | None:
            return self.why_not(About(fan_out.store_id, holder.customer_id, (sku,)), facts, at, at)

        left_out = (
            why_no_shopper(holder.origin, self.not_of_origin)
            or self.unmet(holder.customer_id, holder.total, holder.currency)
            or why_not(fan_out.sku)
            or (UNREACHABLE if self.recipients == "reachable" and holder.reach is None else None)
        )
        also = holder.also_low and tuple(item for item in holder.also_low if why_not(item.sku) is None)
        if left_out is None and also == holder.also_low:
            return holder
        return holder._replace(left_out=left_out, also_low=also)

    @cached_property
    def _for_all(self) -> bool:
        """Whether it asks nothing of a shopper's cart, its owner or the item: most don't, of very many holders."""
        asks = self._by_facts or self.recipients is not None
        return not asks and self.enter.guests != "none" and self.enter.total is None

    def why_over(self, fan_out: FanOut) -> str | None:
        """`expired` when no step may be sent any more, `done` when enough people were told, or None."""
        if fan_out.now > fan_out.occurred_at + max(step.lateness for step in self.steps):
            return EXPIRED
        return None if fan_out.remaining > 0 else "done"

    def planned(self, fan_out: FanOut) -> Iterator[Planned]:
        """Every step of a fan-out, due when it began."""
        due_at = fan_out.occurred_at
        for number, step in enumerate(self.steps, start=1):
            # by its name a named tuple costs twice as much
            yield tuple.__new__(Planned, (self, number, step, due_at, due_at + step.lateness, None, BY_ORDERS, ()))
