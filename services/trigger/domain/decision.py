"""Decisions and the identity of reminders: the same facts give the same id. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

Outcome = Literal["would_send", "skipped"]

EXPIRED = "expired"
"""The reason of a step whose lateness budget has passed."""

NAMESPACE = UUID("5f0c1c0e-8a53-5d0b-9d6f-0f5a3f6f1a77")
"""Never to be changed: every id that was ever given out hangs on it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one step: `reason` is a stable word, `idle` or the campaign's kind for what is sent.

    `sku` and `threshold` belong to campaigns that watch stock. A guest (`customer_id` None) is never sent anything.
    """

    reminder_id: UUID
    store_id: str
    customer_id: str | None
    campaign: str
    kind: str
    step: int
    channel: str
    template: str
    cart_id: UUID
    cart_version: int
    due_at: datetime
    expires_at: datetime
    variant: str | None
    coupon: str | None
    outcome: Outcome
    reason: str
    sku: str | None = None
    threshold: int | None = None


def episode_reminder_id(kind: str, store_id: str, campaign: str, cart_id: UUID, cart_version: int, step: int) -> UUID:
    """The id of one step's reminder of one episode (a cart and the version at which it went quiet)."""
    return uuid5(NAMESPACE, f"{kind}|{store_id}|{campaign}|{cart_id}|{cart_version}|{step}")


def crossing_id(kind: str, store_id: str, campaign: str, sku: str, level_version: int) -> UUID:
    """The id of a crossing: the change of an item's level that a campaign answers."""
    return uuid5(NAMESPACE, f"{kind}|{store_id}|{campaign}|{level_version}|{sku}")


def crossing_reminder_id(crossing_id: UUID, cart_id: UUID, step: int) -> UUID:
    """The id of what one cart's owner is told about one crossing.

    The cart's version is left out: a cart that changes while the fan-out runs must not be told twice.
    """
    return uuid5(crossing_id, f"{cart_id}|{step}")
