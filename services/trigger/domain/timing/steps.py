"""What a step of a campaign may say, whatever the campaign's kind. Pure."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cached_property
from itertools import accumulate, chain, count, pairwise
from typing import Annotated, Any, NamedTuple, Self, TypeVar

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator, field_validator, model_validator

from libs.contracts.channel_rules import KnownChannel
from libs.contracts.events import CouponFrom
from services.trigger.domain.coupons import Coupon, code_of, pool_of
from services.trigger.domain.faults import Fault, refuse, tried, twice
from services.trigger.domain.names import NAME, STEP_NAME
from services.trigger.domain.strict import Strict
from services.trigger.domain.timing.durations import Duration
from services.trigger.domain.timing.windows import Window

DEFAULT_LATENESS = timedelta(hours=12)

Channel = KnownChannel
"""The channels that a campaign may name."""


class Variant(Strict):
    """One arm of an A/B test: `weight` is its share, its template and coupon stand for the step's own."""

    name: str = Field(pattern=NAME)
    weight: int = Field(ge=1, le=1_000_000)
    template: str | None = Field(default=None, pattern=NAME)
    coupon: Coupon | None = None


class Content(NamedTuple):
    """What one customer is sent: a template, and the variant and coupon if there are any, that or the pool of it."""

    template: str
    variant: str | None
    coupon: str | None
    coupon_from: CouponFrom | None = None


class When(Strict):
    """Whom of those who are in the campaign a step is for: an `arm` of its split."""

    arm: str = Field(pattern=NAME)


class Message(Strict):
    """What is sent, and by which of its `channels`: the first of them that is allowed. `channel` is the first of all.

    Who was told of a step is known by its `name`: whatever is moved or taken out around it, it stays the same.
    """

    name: str | None = Field(default=None, pattern=STEP_NAME)
    channel: Channel = Field(default="email", exclude=True)
    """In a file: a list of one."""
    channels: tuple[Channel, ...] | None = None
    template: str = Field(pattern=NAME)
    variants: tuple[Variant, ...] = ()
    coupon: Coupon | None = None
    when: When | None = None

    @field_validator("variants")
    @classmethod
    def _names_differ(cls, variants: tuple[Variant, ...]) -> tuple[Variant, ...]:
        if len({v.name for v in variants}) < len(variants):
            raise ValueError("two variants have the same name")
        return variants

    @model_validator(mode="after")
    def _channels_in_order(self) -> Self:
        if not self.channels and "channel" not in self.model_fields_set:
            raise ValueError("name the channels, in order of preference")
        if self.channels is not None and "channel" in self.model_fields_set:
            raise ValueError("name a channel, or channels in order of preference, not both")
        if len(set(self.by_preference)) < len(self.by_preference):
            raise ValueError("a channel stands twice among the channels")
        # one shape, whichever of the two was said
        object.__setattr__(self, "channels", self.by_preference)
        object.__setattr__(self, "channel", self.by_preference[0])
        self.model_fields_set.discard("channel")
        return self

    @property
    def by_preference(self) -> tuple[Channel, ...]:
        """The channels by which it may go, the preferred one first."""
        return self.channels or (self.channel,)

    @cached_property
    def plain(self) -> Content:
        """What everybody is sent of whom there are no variants."""
        return Content(self.template, None, code_of(self.coupon), pool_of(self.coupon))

    def content_for(self, place: str, customer_id: str | None) -> Content:
        """What a customer is sent at a `place` (store, campaign, step): the same at any time. Guests get no variant."""
        if customer_id is None or not self.variants:
            return self.plain
        arm = self._arm(place, customer_id)
        coupon = arm.coupon or self.coupon
        return Content(arm.template or self.template, arm.name, code_of(coupon), pool_of(coupon))

    def _arm(self, place: str, customer_id: str) -> Variant:
        """The arm that a customer is in, by hash."""
        digest = hashlib.sha256(f"{place}|{customer_id}".encode()).digest()
        *ends, whole = accumulate(v.weight for v in self.variants)
        point = int.from_bytes(digest[:8]) % whole
        return next(v for v, end in zip(self.variants, (*ends, whole), strict=True) if point < end)


class Step(Message):
    """A message `delay` after the cart went quiet; one that is later than `lateness` is not sent.

    Where no lateness is given it is 12 hours, or the time to the next step if that is less. With a window it waits
    until that opens.
    """

    delay: Duration = Field(gt=timedelta(0))
    lateness: Duration | None = Field(default=None, gt=timedelta(0))
    at: Window | None = None

    def in_zone(self, zone: str | None) -> Self:
        """The step with its window in a zone. Raises `ValueError` where neither names one."""
        return self if self.at is None else self.model_copy(update={"at": self.at.in_zone(zone)})


def _too_late(steps: Sequence[tuple[int, Step]]) -> Iterator[Fault]:
    """Steps, each with its place, that don't expire before the next is due: no outage makes two go out together."""
    for (number, step), (following, after) in pairwise(steps):
        gap = after.delay - step.delay
        if gap <= timedelta(0):
            yield Fault((following, "delay"), f"step {following + 1} is not later than step {number + 1}")
        elif step.lateness is not None and step.lateness > gap:
            rule = f"the lateness of step {number + 1} reaches past step {following + 1}: at most {gap}"
            yield Fault((number, "lateness"), rule)


def one_by_one(said: Any, read: ValidatorFunctionWrapHandler) -> tuple[Any, ...]:  # noqa: ANN401 - whatever the file holds
    """The steps, each with a name of its own. Raises `ValidationError` with all that is wrong with any of them."""
    steps, wrong = tried(read, said)
    refuse(twice(said, "steps"), wrong)
    return named(steps)


def _in_order(said: Any, read: ValidatorFunctionWrapHandler) -> tuple[Any, ...]:  # noqa: ANN401 - whatever the file holds
    """The same of steps that follow each other. One that can't be read hides nothing of the others."""
    steps, wrong = tried(read, said)
    right = enumerate(steps) if wrong is None else _readable(said, read)
    refuse([*twice(said, "steps"), *_too_late(list(right))], wrong)
    return named(steps)


def _readable(said: Any, read: ValidatorFunctionWrapHandler) -> Iterator[tuple[int, Step]]:  # noqa: ANN401 - as above
    for number, one in enumerate(said if isinstance(said, list | tuple) else ()):
        step, wrong = tried(read, (one,))
        if wrong is None:
            yield number, step[0]


M = TypeVar("M", bound=Message)


def named(steps: tuple[M, ...]) -> tuple[M, ...]:
    """The steps, each with a name: one without has that of its template and channel, and a number where others have."""
    taken, found = {step.name for step in steps}, []
    for step in steps:
        name, base = step.name, f"{step.template}-{step.channel}"
        if name is None:
            names = chain((base,), (f"{base}-{number}" for number in count(2)))
            name = next(one for one in names if one not in taken)
            taken.add(name)
        found.append(step.model_copy(update={"name": name}))
    return tuple(found)


class PromptStep(Step):
    """A message that may go at once."""

    delay: Duration = Field(default=timedelta(0), ge=timedelta(0))


PromptSteps = Annotated[tuple[PromptStep, ...], Field(min_length=1, max_length=5), WrapValidator(_in_order)]
Steps = Annotated[tuple[Step, ...], Field(min_length=1, max_length=20), WrapValidator(_in_order)]
"""Steps that follow each other."""
