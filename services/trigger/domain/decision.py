"""Decisions and the identity of reminders: the same facts give the same id. Pure."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal, NamedTuple
from uuid import UUID

from libs.contracts.events import CouponFrom, LowItem
from libs.runtime.ids import uuid5, uuid_text
from services.trigger.domain.exits import Exits
from services.trigger.domain.kinds.campaign import Planned
from services.trigger.domain.participation import (
    HOLDOUT,
    OTHER_ARM,
    REENTERED,
    Entry,
    Participants,
    enter,
)

Outcome = Literal["would_send", "skipped"]

EXPIRED = "expired"
"""The reason of a step whose lateness budget has passed."""
ALREADY_DECIDED = "already_decided"
"""The reason of a step whose id another one had: it took over the other's name."""
CALLED_OFF = "called_off"
"""The reason of a step that somebody of the shop cancelled before it was due."""
PAUSED = "paused"
"""The reason of a step that came due while its campaign was paused."""

NAMESPACE = UUID("5f0c1c0e-8a53-5d0b-9d6f-0f5a3f6f1a77")
"""Never to be changed: every id that was ever given out hangs on it."""


class Decision(NamedTuple):
    """What became of one step: `reason` is a stable word, `idle` or the campaign's kind for what is sent.

    `sku`, `threshold` and `also_low` belong to campaigns that watch stock, `price` (minor units of the cart's currency)
    to those that watch prices, `quiet_since` and `exit_on` to those that watch carts, `total` (in minor units of
    `currency`) to those that know the cart's, `order_id` to those of an order. What is about no cart has no `cart_id`.
    A guest (`customer_id` None) is never sent anything.
    """

    reminder_id: UUID
    store_id: str
    customer_id: str | None
    campaign: str
    kind: str
    step: int
    channel: str
    template: str
    cart_id: UUID | None
    cart_version: int | None
    due_at: datetime
    expires_at: datetime
    variant: str | None
    coupon: str | None
    outcome: Outcome
    reason: str
    sku: str | None = None
    threshold: int | None = None
    quiet_since: datetime | None = None
    exit_on: Exits | None = None
    also_low: tuple[LowItem, ...] = ()
    price: int | None = None
    step_name: str | None = None
    total: int | None = None
    currency: str | None = None
    order_id: str | None = None
    channels: tuple[str, ...] = ()
    """By which it may go, the preferred one (`channel`) first; the notifier takes the first that is allowed."""
    viewed: tuple[str, ...] = ()
    """What its customer looked at, by sku, the newest first."""
    coupon_from: CouponFrom | None = None
    """Where the coupon that it offers comes from, where each has one of their own."""
    times_abandoned: int | None = None
    """How often its customer has left a cart before, where the campaign tells that."""

    @property
    def named(self) -> str | None:
        """The skus of the further items that it names, as a JSON list; None where it is about no item."""
        if self.viewed:
            return json.dumps(self.viewed)
        if self.sku is None:
            return None
        return json.dumps([item.sku for item in self.also_low]) if self.also_low else "[]"


def decision(
    planned: Planned,
    *,
    reminder_id: UUID,
    store_id: str,
    customer_id: str | None,
    cart_id: UUID | None,
    cart_version: int | None,
    skip: str | None,
    because: str,
    arm: str | None = None,
    sku: str | None = None,
    threshold: int | None = None,
    quiet_since: datetime | None = None,
    exit_on: Exits | None = None,
    also_low: tuple[LowItem, ...] = (),
    price: int | None = None,
    total: int | None = None,
    currency: str | None = None,
    order_id: str | None = None,
    viewed: tuple[str, ...] = (),
    times_abandoned: int | None = None,
) -> Decision:
    """The decision on a planned step: skipped for the reason `skip`, or sent for that of `because` where it is None."""
    campaign, step, name = planned.campaign, planned.step, planned.name
    content = step.content_for(f"{store_id}|{campaign.name}|{name}", customer_id) if step.variants else step.plain
    outcome, reason = ("would_send", because) if skip is None else ("skipped", skip)
    values = (
        reminder_id, store_id, customer_id, campaign.name, campaign.kind, planned.number, step.channel,
        content.template, cart_id, cart_version, planned.due_at, planned.expires_at, content.variant or arm,
        content.coupon, outcome, reason, sku, threshold, quiet_since, exit_on, also_low, price, name, total, currency,
        order_id, step.by_preference, viewed, content.coupon_from, times_abandoned,
    )  # fmt: skip
    return tuple.__new__(Decision, values)  # in the order of its fields: by name it costs five times as much


def admit(
    planned: Planned, store_id: str, customer_id: str | None, entry: Callable[[], Entry], participants: Participants
) -> tuple[str | None, str | None]:
    """Why a customer is not sent a step that nothing else speaks against, or None; and their arm, if there are arms.

    They enter the campaign with it, unless they may not. `entry` is asked only where that is kept.
    """
    campaign = planned.campaign
    if campaign.paused:
        return PAUSED, None
    if customer_id is None or not campaign.keeps_participants:
        return None, None
    key = (store_id, campaign.name, customer_id)
    part = enter(participants.of(key), entry(), campaign.split, campaign.reenter, key)
    if part is None:
        return REENTERED, None
    participants.note(key, part)
    if part.arm == HOLDOUT:
        return HOLDOUT, part.arm
    other = planned.step.when is not None and planned.step.when.arm != part.arm
    return OTHER_ARM if other else None, part.arm


def already_decided(decided: Decision) -> Decision:
    """What is recorded of a decision whose id was given to another one: the same facts give the same record."""
    own = uuid5(decided.reminder_id, decided.due_at.astimezone(UTC).isoformat())
    return decided._replace(reminder_id=own, outcome="skipped", reason=ALREADY_DECIDED)


def episode_reminder_id(kind: str, store_id: str, campaign: str, cart_id: UUID, cart_version: int, step: str) -> UUID:
    """The id of one step's reminder of one episode (a cart and the version at which it went quiet)."""
    return uuid5(NAMESPACE, f"{kind}|{store_id}|{campaign}|{uuid_text(cart_id)}|{cart_version}|{step}")


def crossing_id(kind: str, store_id: str, campaign: str, sku: str, level_version: int) -> UUID:
    """The id of a crossing: the change of an item's level that a campaign answers."""
    return uuid5(NAMESPACE, f"{kind}|{store_id}|{campaign}|{level_version}|{sku}")


def crossing_reminder_id(crossing_id: UUID, place: UUID, step: str) -> UUID:
    """The id of what the owner of a cart, or of a watch, is told about one crossing.

    The cart's version is left out: a cart that changes while the fan-out runs must not be told twice.
    """
    return uuid5(crossing_id, f"{uuid_text(place)}|{step}")
