"""Decisions and the identity of reminders: the same facts give the same id and the same variant. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

from libs.contracts.events import CampaignKind, Channel
from services.trigger.domain.campaigns import Step, StockStep, Variant

Outcome = Literal["would_send", "skipped"]

NAMESPACE = UUID("5f0c1c0e-8a53-5d0b-9d6f-0f5a3f6f1a77")
"""Never to be changed: every id that was ever given out hangs on it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one step: `reason` is a stable word, `idle` or `low_stock` for what is sent.

    `sku` and `threshold` belong to low stock. A guest (`customer_id` None) is never sent anything.
    """

    reminder_id: UUID
    store_id: str
    customer_id: str | None
    campaign: str
    kind: CampaignKind
    step: int
    channel: Channel
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


def abandoned_cart_id(store_id: str, campaign: str, cart_id: UUID, cart_version: int, step: int) -> UUID:
    """The id of one step's reminder of one episode (a cart and the version at which it went quiet)."""
    return uuid5(NAMESPACE, f"abandoned_cart|{store_id}|{campaign}|{cart_id}|{cart_version}|{step}")


def low_stock_id(crossing_id: UUID, cart_id: UUID, step: int) -> UUID:
    """The id of what one cart's owner is told about one crossing.

    The cart's version is left out: a cart that changes while the fan-out runs must not be told twice.
    """
    return uuid5(crossing_id, f"{cart_id}|{step}")


def crossing_id(store_id: str, campaign: str, sku: str, level_version: int) -> UUID:
    """The id of a crossing: the change of an item's level that took it under a campaign's threshold."""
    return uuid5(NAMESPACE, f"low_stock|{store_id}|{campaign}|{level_version}|{sku}")


def chosen_variant(step: Step | StockStep, place: str, customer_id: str) -> Variant | None:
    """The arm that a customer is in, by hash: the same for the same `place` (store, campaign, step) at any time."""
    if not step.variants:
        return None
    digest = hashlib.sha256(f"{place}|{customer_id}".encode()).digest()
    point = int.from_bytes(digest[:8]) % sum(v.weight for v in step.variants)
    for variant in step.variants:
        point -= variant.weight
        if point < 0:
            return variant
    raise AssertionError("the point lies within the sum of the weights")
