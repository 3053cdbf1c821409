"""What a campaign of any kind is: a name, and steps that it plans. Pure."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, Literal, NamedTuple, Self

from pydantic import Field

from services.trigger.domain.carts import CartState
from services.trigger.domain.conditions import ForCustomers, InSegments
from services.trigger.domain.exits import BY_ORDERS, ExitOn, Exits, clicked_within, words_of
from services.trigger.domain.facts import CLICKED, About, Facts
from services.trigger.domain.names import NAME
from services.trigger.domain.origins import ORIGINS, why_no_shopper
from services.trigger.domain.participation import Reenter, Split
from services.trigger.domain.strict import Strict
from services.trigger.domain.timing.schedule import Schedule
from services.trigger.domain.timing.steps import Message, Step, Steps


class Campaign(Strict):
    """What a campaign of any kind says of itself; a kind says its own name by `kind: Literal["its_name"]`."""

    kind: str
    name: str = Field(pattern=NAME)
    leaves_to_carts: ClassVar[bool] = False  # whether it leaves out who has a cart with goods
    paused: bool = False
    """Nothing is sent, and steps that come due meanwhile are not caught up."""
    split: Split | None = None
    reenter: Reenter | None = None

    @property
    def keeps_participants(self) -> bool:
        """Whether what it decides hangs on what it decided on the same customer before."""
        return self.split is not None or self.reenter is not None

    @property
    def of_items(self) -> bool:
        """Whether it goes by what is known of goods."""
        return False

    @property
    def segments_named(self) -> tuple[tuple[str, str, str], ...]:
        """The segments that it goes by, each with where it is named: two fields, one in the other."""
        return ()

    def why_not(self, about: About, facts: Facts, since: datetime, due_at: datetime) -> str | None:  # noqa: ARG002 - as below
        """Why a step is not sent at its due time, by facts; None where nothing is said. What it follows was `since`."""
        return None

    def why_not_entered(self, about: About, facts: Facts, since: datetime) -> str | None:  # noqa: ARG002 - as below
        """Why it is not for somebody, or for the goods, by facts; None where nothing is said."""
        return None

    @property
    def of_amounts(self) -> bool:
        """Whether it goes by what something costs."""
        return False

    @cached_property
    def tells_times(self) -> bool:
        """Whether its requests tell how often somebody has left a cart before: where it says so by `tell`."""
        return "times_abandoned" in getattr(self, "tell", ())

    @property
    def of_clicks(self) -> timedelta | None:
        """For how long a click on a message of it ends its steps, if it does."""
        return None

    def unmet(self, customer_id: str | None, total: int | None, currency: str | None) -> str | None:  # noqa: ARG002 - as below
        """Why it is not for a customer with something of that total (minor units), whatever else is known; or None."""
        return None

    @property
    def not_of_origin(self) -> Collection[str]:
        """Whose carts the campaign is not for."""
        return ORIGINS

    @property
    def left_out_unreachable(self) -> bool:
        """Whether it leaves out who is known to be reached by none of a step's channels: where consent counts."""
        return False


class Conditional(Campaign):
    """A campaign that says whom it is for (`enter`), and while what it goes on (`continue`)."""

    enter: ForCustomers = ForCustomers()
    continue_: InSegments = Field(default=InSegments(), alias="continue")

    @property
    def of_items(self) -> bool:
        """Whether it goes by what is known of goods."""
        return self.enter.of_items or self.continue_.of_items

    @property
    def segments_named(self) -> tuple[tuple[str, str, str], ...]:
        """The segments that it goes by, each with where it is named."""
        parts = (("enter", self.enter), ("continue", self.continue_))
        return tuple((where, field, name) for where, part in parts for field, name in part.named)

    @property
    def of_amounts(self) -> bool:
        """Whether it goes by what something costs."""
        return self.enter.of_amounts

    def unmet(self, customer_id: str | None, total: int | None, currency: str | None) -> str | None:
        """Why it is not for a customer with something of that total."""
        enter = self.enter
        return enter.unmet_customer(customer_id) or enter.unmet(total, currency)

    def why_not_entered(self, about: About, facts: Facts, since: datetime) -> str | None:
        """Why it is not for somebody, or for the goods, by facts."""
        return self.enter.unmet_facts(about, facts, since)

    def why_not(self, about: About, facts: Facts, since: datetime, due_at: datetime) -> str | None:
        """Why a step that is due is not sent, by facts."""
        why = None
        if self._by_facts:
            why = self.why_not_entered(about, facts, since) or self.continue_.unmet_facts(about, facts, due_at)
        return why or super().why_not(about, facts, since, due_at)

    @cached_property
    def _by_facts(self) -> bool:
        return self.of_items or bool(self.segments_named)

    @property
    def left_out_unreachable(self) -> bool:
        """It is marketing: nobody is reached without their consent."""
        return True


class SteppedCampaign(Campaign):
    """A campaign whose steps follow a moment."""

    steps: tuple[Step, ...]

    def in_zone(self, zone: str | None) -> Self:
        """The campaign with windows in a zone, where they name none. Raises `ValueError` where one is missing."""
        return self.model_copy(update={"steps": tuple(step.in_zone(zone) for step in self.steps)})

    @cached_property
    def _schedule(self) -> Schedule:
        return Schedule(self.steps)


class QuietCartCampaign(SteppedCampaign):
    """A campaign whose steps follow a cart's last change."""

    goes_before: ClassVar[Mapping[str, str]] = {}
    """Kinds that leave a cart alone which this campaign has taken, each with the reason of their steps then."""

    steps: Steps
    exit_on: ExitOn = BY_ORDERS
    tell: tuple[Literal["times_abandoned"], ...] = Field(default=(), max_length=1)  # what its messages know besides

    def since(self, cart: CartState) -> datetime | None:
        """When that began in a quiet cart from which the steps count; None where it has not."""
        return cart.quiet_since

    def plan_episode(self, cart: CartState) -> Iterable["Planned"]:
        """The steps for a cart that is idle."""
        return self.planned(cart)

    def plans_by(self, cart: CartState) -> Hashable | None:  # noqa: ARG002 - for kinds that can say it
        """What of a cart its steps hang on beside when it went quiet: alike for two carts, their steps are as far from
        that. None where a kind does not say it, or they go by the clock.
        """
        return None

    def takes(self, cart: CartState) -> bool:
        """Whether something of it is ahead for a cart, as far as the cart itself tells."""
        return not self.paused and any(planned.skip is None for planned in self.plan_episode(cart))

    @cached_property
    def _exits(self) -> Exits:
        return words_of(self.exit_on)

    @cached_property
    def of_clicks(self) -> timedelta | None:
        """For how long a click on a message of it ends its steps, if it does."""
        return clicked_within(self.exit_on)

    def why_not(self, about: About, facts: Facts, since: datetime, due_at: datetime) -> str | None:
        """`clicked` where the customer clicked on a message of it shortly before a step is due."""
        if self.of_clicks is not None and facts.has_clicked(about, self.name, due_at - self.of_clicks, due_at):
            return CLICKED
        return super().why_not(about, facts, since, due_at)

    def planned(self, cart: CartState, skip: str | None = None) -> Sequence["Planned"]:
        """Every step for a cart that went quiet; `skip` is why none of them will be sent."""
        since = self.since(cart)
        if since is None:
            return ()
        skip = why_no_shopper(cart.origin, self.not_of_origin) or skip
        zone = cart.reach.zone if cart.reach is not None else None
        exit_on, new = self._exits, tuple.__new__  # by its name a named tuple costs twice as much
        return [
            new(Planned, (self, number, step, due_at, expires_at, skip or gives_way, exit_on, ()))
            for number, step, due_at, expires_at, gives_way in self._schedule.slots(since, zone)
        ]


class FollowingCampaign(SteppedCampaign):
    """A campaign whose steps follow something that happened: `subject`."""

    steps: Steps

    @property
    def subject(self) -> str:
        """What it follows."""
        raise NotImplementedError

    def plan_occasion(self, since: datetime, _facts: Mapping[str, Any], zone: str | None = None) -> Iterator["Planned"]:
        """Every step of what happened then; its customer is in `zone`."""
        yield from (Planned(self, *slot) for slot in self._schedule.slots(since, zone))


class Planned(NamedTuple):
    """A step, when it is due and when too late.

    `skip` is why it will be skipped even if nothing changes until then, None where it won't. `exit_on` is what ends it
    although the goods stay as they are. `behind` are campaigns that go before its own, where the cart is theirs.
    """

    campaign: Campaign
    number: int
    step: Message
    due_at: datetime
    expires_at: datetime
    skip: str | None
    exit_on: Exits = BY_ORDERS
    behind: tuple[QuietCartCampaign, ...] = ()

    @property
    def name(self) -> str:
        """What the step's reminders are known by: its place, too, where a kind gives its steps no names."""
        return self.step.name or str(self.number)
