"""What the backtest tells of one step: enough to count, to compare, and to ask who else would have had a say. Pure."""

import json
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import NamedTuple
from uuid import UUID

from libs.runtime.ids import uuid_text
from services.trigger.domain.carts import CartState
from services.trigger.domain.decision import Decision, Outcome
from services.trigger.domain.episodes import IDLE
from services.trigger.domain.exits import Exits
from services.trigger.domain.kinds.campaign import Planned


class Told(NamedTuple):
    """What became of a step: as `Decision` says it, with the step's name and the cart's total (minor units)."""

    due_at: datetime
    customer_id: str | None
    campaign: str
    kind: str
    step: int
    name: str
    channel: str
    outcome: Outcome
    reason: str
    cart_id: UUID | None
    cart_version: int | None
    arm: str | None
    total: int
    currency: str | None
    expires_at: datetime
    channels: tuple[str, ...] = ()
    exit_on: Exits | None = None
    sku: str | None = None
    sent_at: datetime | None = None
    """When it would go out by the rules of the store, where those were asked for."""
    about: UUID | None = None
    """The reminder's id where it is about something else than a cart that went quiet: a level, a price, an order."""
    quiet_since: datetime | None = None
    """Since when its cart is quiet, where it is about one that is."""
    put_off: str | None = None
    """Why it goes out later than it is due, where it does."""


_OUTCOME, _SENT_AT = map(Told._fields.index, ("outcome", "sent_at"))


def sent(one: Told, at: datetime) -> Told:
    """It, as it goes out then: `_replace` costs four times as much."""
    return tuple.__new__(Told, (*one[:_SENT_AT], at, *one[_SENT_AT + 1 :]))


def skipped(one: Told, why: str) -> Told:
    """It, as it does not go out."""
    return tuple.__new__(Told, (*one[:_OUTCOME], "skipped", why, *one[_OUTCOME + 2 :]))


def put_off(one: Told, why: str) -> Told:
    """It, as it goes out later than it is due."""
    return tuple.__new__(Told, (*one[:-1], why))  # of its fields that is the last


def told(decided: Decision, name: str, state: CartState | None) -> Told:
    """What a decision says of a step of that name; `state` is the cart as the decision saw it, if it saw one."""
    return Told._make(
        (
            decided.due_at,
            decided.customer_id,
            decided.campaign,
            decided.kind,
            decided.step,
            name,
            decided.channel,
            decided.outcome,
            decided.reason,
            decided.cart_id,
            decided.cart_version,
            decided.variant,
            state.total if state else decided.total or 0,
            state.currency if state else decided.currency,
            decided.expires_at,
            decided.channels,
            decided.exit_on,
            decided.sku,
            None,
            None if state else decided.reminder_id,
            decided.quiet_since,
            None,
        )
    )


def told_of_step(
    state: CartState, planned: Planned, due_at: datetime, lateness: timedelta, skip: str | None, arm: str | None = None
) -> Told:
    """What a decision would say of a step of a cart, skipped for that reason, or sent where there is none: without the
    work of one, which gives it an id.
    """
    campaign, step = planned.campaign, planned.step
    name = step.name or str(planned.number)
    if step.variants:
        arm = step.content_for(f"{state.store_id}|{campaign.name}|{name}", state.customer_id).variant or arm
    return Told._make(
        (
            due_at,
            state.customer_id,
            campaign.name,
            campaign.kind,
            planned.number,
            name,
            step.channel,
            "skipped" if skip else "would_send",
            skip or IDLE,
            state.cart_id,
            state.goods_version,
            arm,
            state.total,
            state.currency,
            due_at + lateness,
            step.by_preference,
            None if skip or state.heeds_orders else planned.exit_on,
            None,
            None,
            None,
            state.quiet_since,
            None,
        )
    )


def as_line(one: Told, due_at: str | None = None) -> str:
    """A line of the backtest's output (JSON, without the line's end); a second of a million is written as it is.

    `due_at` is its moment as it is written, where that is known.
    """
    who = "null" if one.customer_id is None else quoted(one.customer_id)
    cart = "null" if one.cart_id is None else f'"{uuid_text(one.cart_id)}"'
    line = (
        f'{{"customer_id": {who}, {_of_step(one.campaign, one.step, one.name, one.channel, one.channels)}, '
        f'"due_at": "{due_at or moment(one.due_at)}", {_of_outcome(one.outcome, one.reason, one.arm)}, '
        f'"cart_id": {cart}, "cart_version": {one.cart_version or "null"}, '
        f'"total": {one.total}, "currency": {_text(one.currency)}'
    )
    if one.sku is not None:
        line += f', "sku": {quoted(one.sku)}'
    if one.sent_at is None:
        return line + "}"
    sent_at = due_at if due_at and one.sent_at is one.due_at else moment(one.sent_at)
    return f'{line}, "sent_at": "{sent_at}"}}'


def moment(at: datetime) -> str:
    """As it is written in UTC."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return at.isoformat()[:-6] + "Z"


@lru_cache(1_000)
def _of_step(campaign: str, step: int, name: str, channel: str, channels: tuple[str, ...]) -> str:
    said = {"campaign": campaign, "step": step, "name": name, "channel": channel, "channels": channels}
    return json.dumps(said)[1:-1]


@lru_cache(1_000)
def _of_outcome(outcome: str, reason: str, arm: str | None) -> str:
    return f'"outcome": {_text(outcome)}, "reason": {_text(reason)}, "arm": {_text(arm)}'


@lru_cache(1_000)
def _text(value: str | None) -> str:
    return json.dumps(value)
