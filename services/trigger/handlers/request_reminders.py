"""What was decided becomes a request to the notifier, in the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import to_json

from libs.contracts.codec import headers_of
from libs.contracts.events import ReminderRequested
from libs.contracts.events.messages import version_about
from libs.outbox import store as outbox
from libs.postgres.pool import Connection
from libs.runtime.ids import uuid7
from services.trigger import metrics
from services.trigger.db.decisions import known_due, record_decisions
from services.trigger.domain.batch import CampaignsOf
from services.trigger.domain.decision import Decision, already_decided
from services.trigger.handlers.tell_decisions import decided_rows

SOURCE = "/evercart/trigger"


async def request_reminders(
    connection: Connection, decisions: Sequence[Decision], now: datetime, campaigns: CampaignsOf
) -> list[Decision]:
    """Records decisions, tells them, and asks for the reminders among them; returns those that are news.

    A step that comes under the id of another one is recorded as `already_decided` instead of vanishing. Guests are left
    out: there is nobody to whom it would have to be explained.
    """
    explained = [d for d in decisions if d.customer_id is not None]
    _count_others(decisions, len(explained))
    news = await record_decisions(connection, explained, lambda store_id: campaigns(store_id).version)
    fresh = [d for d in decisions if d.reminder_id in news]
    if again := [d for d in explained if d.reminder_id not in news]:
        due = await known_due(connection, [d.reminder_id for d in again])
        reused = [already_decided(d) for d in again if due[d.reminder_id] != d.due_at]
        recorded = await record_decisions(connection, reused, lambda store_id: campaigns(store_id).version)
        fresh += [d for d in reused if d.reminder_id in recorded]
    asked = request_rows([d for d in fresh if d.outcome == "would_send"], now)
    told = decided_rows(fresh, now, SOURCE, lambda store_id: campaigns(store_id).version)
    both = outbox.together(asked, told)
    await outbox.append_rows(connection, both, [now] * len(both.topics))
    return fresh


def _count_others(decisions: Sequence[Decision], explained: int) -> None:
    """Carts that have no recipient are counted, once for each time that they went quiet, and told of nowhere."""
    if explained < len(decisions):
        quiet = {(d.cart_id, d.cart_version) for d in decisions if d.customer_id is None}
        metrics.WITHOUT_RECIPIENT.inc(len(quiet))


def request_rows(decisions: Sequence[Decision], now: datetime) -> outbox.Rows:
    """The outbox rows that ask for reminders.

    The same to the byte as of `reminder_requested` (a test holds them equal), at half of the cost: what was decided
    needs no check whether it is what it is.
    """
    said = [_said(decided, now) for decided in decisions]
    return outbox.Rows(
        [ReminderRequested.topic] * len(said),
        [one["customer_id"] for one in said],
        [to_json({name: value for name, value in one.items() if value is not None}, exclude_none=True) for one in said],
        [to_json(_headers(one)).decode() for one in said],
    )


def _headers(said: Mapping[str, Any]) -> dict[str, str]:
    version = version_about(said["cart_id"])
    customer_id, at = said["customer_id"], said["occurred_at"]
    return headers_of(ReminderRequested, said["event_id"], SOURCE, customer_id, at, version)


def reminder_requested(decided: Decision, now: datetime) -> ReminderRequested:
    """The event that asks for what was decided at `now`."""
    return ReminderRequested(**_said(decided, now))


def _said(decided: Decision, now: datetime) -> dict[str, Any]:
    """Its fields, in their order."""
    assert decided.customer_id is not None, "nobody is asked to remind a guest"
    return {
        "event_id": uuid7(),
        "occurred_at": now,
        "reminder_id": decided.reminder_id,
        "store_id": decided.store_id,
        "customer_id": decided.customer_id,
        "campaign": decided.campaign,
        "kind": decided.kind,
        "step": decided.step,
        "channel": decided.channel,
        "channels": decided.channels if len(decided.channels) > 1 else None,
        "template": decided.template,
        "cart_id": decided.cart_id,
        "cart_version": decided.cart_version,
        "order_id": decided.order_id,
        "sku": decided.sku,
        "threshold": decided.threshold,
        "also_low": decided.also_low or None,
        "price": decided.price,
        "quiet_since": decided.quiet_since,
        "exit_on": decided.exit_on,
        "due_at": decided.due_at,
        "expires_at": decided.expires_at,
        "variant": decided.variant,
        "coupon": decided.coupon,
    }
