"""Decisions on the wire: `reminder.decided`, made of the decision itself, because every timer that fires pays for it.

What is written here is what `encode` writes of the event, to the byte (a test holds them equal).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import to_json

from libs.contracts.codec import headers_of
from libs.contracts.events import ReminderDecided
from libs.outbox.store import Rows
from services.trigger.domain.decision import Decision


def decided_rows(decisions: Sequence[Decision], now: datetime, source: str, version_of: Callable[[str], str]) -> Rows:
    """The outbox rows of decisions that were taken at `now`, in their order; all are about somebody."""
    head, time = to_json(_head(source, now)).decode()[1:], to_json(now).decode()
    keys = [d.customer_id or "" for d in decisions]
    return Rows(
        [ReminderDecided.topic] * len(decisions),
        keys,
        [to_json(_said(d, time[1:-1], version_of(d.store_id))) for d in decisions],
        [
            f'{{"ce_id":"{d.reminder_id}","ce_subject":{to_json(key).decode()},{head}'
            for d, key in zip(decisions, keys, strict=True)
        ],
    )


def _head(source: str, now: datetime) -> dict[str, str]:
    """What is the same for all of them."""
    headers = headers_of(ReminderDecided, "", source, "", now, ReminderDecided.version)
    return {name: value for name, value in headers.items() if name not in ("ce_id", "ce_subject")}


def _said(decided: Decision, now: str, version: str) -> dict[str, Any]:
    said = {
        "event_id": decided.reminder_id,
        "occurred_at": now,
        "reminder_id": decided.reminder_id,
        "store_id": decided.store_id,
        "customer_id": decided.customer_id,
        "campaign": decided.campaign,
        "kind": decided.kind,
        "campaign_version": version or None,
        "step": decided.step,
        "step_name": decided.step_name,
        "channel": decided.channel,
        "arm": decided.variant,
        "outcome": decided.outcome,
        "reason": decided.reason,
        "cart_id": decided.cart_id,
        "cart_version": decided.cart_version,
        "sku": decided.sku,
        "order_id": decided.order_id,
        "total": decided.total,
        "currency": decided.currency,
        "due_at": decided.due_at,
        "decided_at": now,
    }
    return {name: value for name, value in said.items() if value is not None}
