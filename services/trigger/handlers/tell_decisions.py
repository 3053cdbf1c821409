"""Decisions on the wire: `reminder.requested` and `reminder.decided`, written straight out of the decision, because
every timer that fires pays for both.

What is written here is what `encode` writes of the events, to the byte (tests hold them equal).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from operator import attrgetter
from typing import Any

from pydantic_core import to_json

from libs.contracts.codec import headers_of
from libs.contracts.events import Event, ReminderDecided, ReminderRequested
from libs.contracts.events.messages import version_about
from libs.outbox.store import Rows
from libs.runtime.ids import uuid7_text
from services.trigger.domain.decision import Decision

SOURCE = "/evercart/trigger"
_STEP = ("campaign", "kind", "step", "channel", "channels", "template")
_ABOUT = ("order_id", "sku", "threshold", "also_low", "viewed", "price")
_CONTENT = ("variant", "coupon")
_ASKED = (*_STEP, *_ABOUT, "exit_on", *_CONTENT)
_TOLD = ("campaign", "kind", "step", "step_name", "channel", "variant", "outcome", "reason", "sku")
_asked, _told = attrgetter(*_ASKED), attrgetter(*_TOLD)
"""What many decisions have in common: its text is kept."""
_KEPT = 1_000


def request_rows(decisions: Sequence[Decision], now: datetime) -> Rows:
    """The outbox rows that ask for the reminders that were decided on at `now`; nobody is asked to remind a guest."""
    heads = {version: _head(ReminderRequested, now, version) for version in (1, 2)}
    ids, time = [uuid7_text() for _ in decisions], _json(now)
    return Rows(
        [ReminderRequested.topic] * len(decisions),
        [_recipient(d) for d in decisions],
        [_requested(d, event_id, time).encode() for d, event_id in zip(decisions, ids, strict=True)],
        [
            f'{{"ce_id":"{event_id}","ce_subject":{quoted(_recipient(d))}{heads[version_about(d.cart_id)]}'
            for d, event_id in zip(decisions, ids, strict=True)
        ],
    )


def decided_rows(decisions: Sequence[Decision], now: datetime, version_of: Callable[[str], str]) -> Rows:
    """The outbox rows that tell of decisions that were taken at `now`; all are about somebody."""
    head, time = _head(ReminderDecided, now, ReminderDecided.version), _json(now)
    return Rows(
        [ReminderDecided.topic] * len(decisions),
        [_recipient(d) for d in decisions],
        [_decided(d, time, version_of(d.store_id)).encode() for d in decisions],
        [f'{{"ce_id":{_json(d.reminder_id)},"ce_subject":{quoted(_recipient(d))}{head}' for d in decisions],
    )


def _head(kind: type[Event], now: datetime, version: int) -> str:
    """The end of the headers, the same for all of a kind."""
    headers = headers_of(kind, "", SOURCE, "", now, version)
    return "," + _json({name: said for name, said in headers.items() if name not in ("ce_id", "ce_subject")})[1:]


def _requested(d: Decision, event_id: str, now: str) -> str:
    step, about, exit_on, content = _of_request(_asked(d))
    quiet = "" if d.quiet_since is None else f',"quiet_since":{_json(d.quiet_since)}'
    return (
        f'{{"event_id":"{event_id}","occurred_at":{now}{_whom(d)}{step}{_cart(d)}{about}{quiet}{exit_on}'
        f',"due_at":{_json(d.due_at)},"expires_at":{_json(d.expires_at)}{content}}}'
    )


@lru_cache(_KEPT)
def _of_request(values: tuple[Any, ...]) -> tuple[str, str, str, str]:
    """What is said of the step, of the order or item, of exits and of the content."""
    said = dict(zip(_ASKED, values, strict=True))
    if len(said["channels"]) < 2:
        del said["channels"]
    for name in ("also_low", "viewed"):
        if not said[name]:
            del said[name]
    return _members(said, *_STEP), _members(said, *_ABOUT), _members(said, "exit_on"), _members(said, *_CONTENT)


def _decided(d: Decision, now: str, version: str) -> str:
    step, about = _of_decision(_told(d), version)
    order = "" if d.order_id is None else f',"order_id":{quoted(d.order_id)}'
    total = "" if d.total is None else f',"total":{d.total}'
    currency = "" if d.currency is None else f',"currency":{quoted(d.currency)}'
    return (
        f'{{"event_id":{_json(d.reminder_id)},"occurred_at":{now}{_whom(d)}{step}{_cart(d)}{about}{order}{total}{currency}'
        f',"due_at":{_json(d.due_at)},"decided_at":{now}}}'
    )


@lru_cache(_KEPT)
def _of_decision(values: tuple[Any, ...], version: str) -> tuple[str, str]:
    """What is said of the step and of the item."""
    said = dict(zip(_TOLD, values, strict=True))
    said |= {"arm": said["variant"], "campaign_version": version or None}
    step = ("campaign", "kind", "campaign_version", "step", "step_name", "channel", "arm", "outcome", "reason")
    return _members(said, *step), _members(said, "sku")


def _whom(d: Decision) -> str:
    customer = quoted(_recipient(d))
    return f',"reminder_id":{_json(d.reminder_id)},"store_id":{quoted(d.store_id)},"customer_id":{customer}'


def _cart(d: Decision) -> str:
    version = "" if d.cart_version is None else f',"cart_version":{d.cart_version}'
    return version if d.cart_id is None else f',"cart_id":"{d.cart_id}"{version}'


def _recipient(d: Decision) -> str:
    assert d.customer_id is not None, "nothing is told of a guest"
    return d.customer_id


def _members(said: Mapping[str, object], *names: str) -> str:
    """Members of a JSON object, a comma before each; what is None is left out."""
    found = ((name, said.get(name)) for name in names)
    return "".join(f',"{name}":{_json(value)}' for name, value in found if value is not None)


def _json(value: object) -> str:
    return to_json(value, exclude_none=True).decode()
