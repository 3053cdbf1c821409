"""Decisions on the wire: `reminder.requested` and `reminder.decided`, written straight out of the decision, because
every timer that fires pays for both.

What is written here is what `encode` writes of the events, to the byte (tests hold them equal).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from operator import itemgetter
from typing import Any, NamedTuple

from pydantic_core import to_json

from libs.contracts.codec import headers_of
from libs.contracts.events import Event, ReminderDecided, ReminderRequested
from libs.contracts.events.messages import version_about
from libs.outbox.store import Rows, together
from libs.runtime.ids import uuid7_text, uuid_text
from services.trigger.domain.decision import Decision

SOURCE = "/evercart/trigger"
_STEP = ("campaign", "kind", "step", "channel", "channels", "template")
_ABOUT = ("order_id", "sku", "threshold", "also_low", "viewed", "price")
_CONTENT = ("variant", "coupon", "coupon_from", "times_abandoned")
_ASKED = (*_STEP, *_ABOUT, "exit_on", *_CONTENT)
_TOLD = ("campaign", "kind", "step", "step_name", "channel", "variant", "outcome", "reason", "sku")
_asked, _told = (itemgetter(*map(Decision._fields.index, names)) for names in (_ASKED, _TOLD))
"""What many decisions have in common: its text is kept."""
_KEPT = 1_000


class _Both(NamedTuple):
    """What both rows say of a decision, as JSON: whom it is about, the reminder and its cart, and when it was due."""

    decided: Decision
    key: str
    customer: str
    reminder_id: str
    whom: str
    cart: str
    due_at: str


def rows_of(decisions: Sequence[Decision], now: datetime, version_of: Callable[[str], str]) -> Rows:
    """The outbox rows of decisions that were taken at `now`, all about somebody: first those that ask for the reminders
    among them, then those that tell of each, with the version of its store's campaigns.
    """
    ids, due = _each([d.reminder_id for d in decisions]), _each([d.due_at for d in decisions])
    said = [_both(*one) for one in zip(decisions, ids, due, strict=True)]
    asked = [one for one in said if one.decided.outcome == "would_send"]
    return together(_requests(asked, now), _decisions(said, now, version_of))


def _both(d: Decision, reminder_id: str, due_at: str) -> _Both:
    assert d.customer_id is not None, "nothing is told of a guest"
    customer = quoted(d.customer_id)
    whom = f',"reminder_id":{reminder_id},"store_id":{quoted(d.store_id)},"customer_id":{customer}'
    cart = "" if d.cart_version is None else f',"cart_version":{d.cart_version}'
    if d.cart_id is not None:
        cart = f',"cart_id":"{uuid_text(d.cart_id)}"{cart}'
    return _Both(d, d.customer_id, customer, reminder_id, whom, cart, due_at)


def _requests(asked: Sequence[_Both], now: datetime) -> Rows:
    heads = {version: _head(ReminderRequested, now, version) for version in (1, 2)}
    ids, time = [uuid7_text() for _ in asked], _json(now)
    expires, quiet = _each([d.expires_at for d, *_ in asked]), _each([d.quiet_since for d, *_ in asked])
    return Rows(
        [ReminderRequested.topic] * len(asked),
        [one.key for one in asked],
        [_requested(*one, time).encode() for one in zip(asked, ids, expires, quiet, strict=True)],
        [
            f'{{"ce_id":"{event_id}","ce_subject":{one.customer}{heads[version_about(one.decided.cart_id)]}'
            for one, event_id in zip(asked, ids, strict=True)
        ],
    )


def _decisions(said: Sequence[_Both], now: datetime, version_of: Callable[[str], str]) -> Rows:
    head, time = _head(ReminderDecided, now, ReminderDecided.version), _json(now)
    return Rows(
        [ReminderDecided.topic] * len(said),
        [one.key for one in said],
        [_decided(one, time, version_of(one.decided.store_id)).encode() for one in said],
        [f'{{"ce_id":{one.reminder_id},"ce_subject":{one.customer}{head}' for one in said],
    )


def _head(kind: type[Event], now: datetime, version: int) -> str:
    """The end of the headers, the same for all of a kind."""
    headers = headers_of(kind, "", SOURCE, "", now, version)
    return "," + _json({name: said for name, said in headers.items() if name not in ("ce_id", "ce_subject")})[1:]


def _requested(both: _Both, event_id: str, expires_at: str, quiet_since: str, now: str) -> str:
    d, _, _, _, whom, cart, due_at = both
    step, about, exit_on, content = _of_request(_asked(d))
    quiet = "" if d.quiet_since is None else f',"quiet_since":{quiet_since}'
    return (
        f'{{"event_id":"{event_id}","occurred_at":{now}{whom}{step}{cart}{about}{quiet}{exit_on}'
        f',"due_at":{due_at},"expires_at":{expires_at}{content}}}'
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


def _decided(both: _Both, now: str, version: str) -> str:
    d, _, _, reminder_id, whom, cart, due_at = both
    step, about = _of_decision(_told(d), version)
    order = "" if d.order_id is None else f',"order_id":{quoted(d.order_id)}'
    total = "" if d.total is None else f',"total":{d.total}'
    currency = "" if d.currency is None else f',"currency":{quoted(d.currency)}'
    return (
        f'{{"event_id":{reminder_id},"occurred_at":{now}{whom}{step}{cart}{about}{order}{total}{currency}'
        f',"due_at":{due_at},"decided_at":{now}}}'
    )


@lru_cache(_KEPT)
def _of_decision(values: tuple[Any, ...], version: str) -> tuple[str, str]:
    """What is said of the step and of the item."""
    said = dict(zip(_TOLD, values, strict=True))
    said |= {"arm": said["variant"], "campaign_version": version or None}
    step = ("campaign", "kind", "campaign_version", "step", "step_name", "channel", "arm", "outcome", "reason")
    return _members(said, *step), _members(said, "sku")


def _members(said: Mapping[str, object], *names: str) -> str:
    """Members of a JSON object, a comma before each; what is None is left out."""
    found = ((name, said.get(name)) for name in names)
    return "".join(f',"{name}":{_json(value)}' for name, value in found if value is not None)


def _json(value: object) -> str:
    return to_json(value, exclude_none=True).decode()


def _each(values: Sequence[object]) -> list[str]:
    """The JSON of each of many ids or moments, at a third of what it costs one by one: none of them has a comma."""
    return to_json(values).decode()[1:-1].split(",") if values else []
