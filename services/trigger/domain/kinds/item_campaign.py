"""What campaigns on items have in common, whatever becomes of the item: when and how often holders are told. Pure."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from services.trigger.domain.decision import EXPIRED
from services.trigger.domain.durations import Duration
from services.trigger.domain.fan_outs import FanOut
from services.trigger.domain.kinds.campaign import Campaign, Planned
from services.trigger.domain.steps import Message, named


class ItemStep(Message):
    """A message as soon as there is something to tell; one that is later than `lateness` is not sent."""

    lateness: Duration = Field(default=timedelta(hours=6), gt=timedelta(0))


class ItemCampaign(Campaign):
    """Tells people of an item, all steps at once.

    Nobody is told of the same item again within `cool_down`, however often it comes to that: feeds flap. Nor is who has
    ordered it since they put it into the cart, or within `bought_within`.
    """

    look_back: Duration = Field(default=timedelta(days=30), gt=timedelta(0))
    cool_down: Duration = Field(default=timedelta(hours=24), ge=timedelta(0))
    bought_within: Duration = Field(default=timedelta(days=30), ge=timedelta(0))
    steps: Annotated[tuple[ItemStep, ...], Field(min_length=1, max_length=5), AfterValidator(named)]

    @property
    def together(self) -> timedelta | None:
        """Items of which there is something to tell within this time are one message; None where each is its own."""
        return None

    def why_over(self, fan_out: FanOut) -> str | None:
        """`expired` when no step may be sent any more, `done` when enough people were told, or None."""
        if fan_out.now > fan_out.occurred_at + max(step.lateness for step in self.steps):
            return EXPIRED
        return None if fan_out.remaining > 0 else "done"

    def planned(self, fan_out: FanOut) -> Iterator[Planned]:
        """Every step of a fan-out, due when it began."""
        due_at = fan_out.occurred_at
        for number, step in enumerate(self.steps, start=1):
            yield Planned(self, number, step, due_at, due_at + step.lateness, None)
