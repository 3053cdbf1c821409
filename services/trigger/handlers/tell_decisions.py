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
_ABOUT = ("sku", "threshold", "also_low", "viewed", "price")
_CONTENT = ("variant", "coupon", "coupon_from", "times_abandoned")
_OF_MANY = (*_STEP, *_ABOUT, "exit_on", *_CONTENT, "store_id", "step_name", "outcome", "reason", "currency")
_of_many = itemgetter(*map(Decision._fields.index, _OF_MANY))
"""What many decisions have in common: its text is kept."""
_KEPT = 1_000


class _Texts(NamedTuple):
    """What both rows say in the words of many others, as members of JSON objects, each after a comma."""

    store: str
    step: str
    about: str
    exit_on: str
    content: str
    outcome: str
    item: str
    currency: str


def rows_of(decisions: Sequence[Decision], now: datetime, version_of: Callable[[str], str]) -> Rows:
    """The outbox rows of decisions that were taken at `now`, all about somebody: first those that ask for the reminders
    among them, then those that tell of each, with the version of its store's campaigns.
    """
    asked, told, time = Rows([], [], [], []), Rows([], [], [], []), _json(now)
    heads = {version: _head(ReminderRequested, now, version) for version in (1, 2)}
    told_head = _head(ReminderDecided, now, ReminderDecided.version)
    ids, due = _each([d.reminder_id for d in decisions]), _each([d.due_at for d in decisions])
    expires, quiet_since = _each([d.expires_at for d in decisions]), _each([d.quiet_since for d in decisions])
    for d, reminder_id, due_at, expires_at, since in zip(decisions, ids, due, expires, quiet_since, strict=True):
        assert d.customer_id is not None, "nothing is told of a guest"
        store, step, about, exit_on, content, outcome, item, currency = _texts(_of_many(d), version_of(d.store_id))
        customer, cart = quoted(d.customer_id), _cart(d)
        whom = f',"reminder_id":{reminder_id}{store},"customer_id":{customer}'
        order = "" if d.order_id is None else f',"order_id":{quoted(d.order_id)}'
        if d.outcome == "would_send":
            event_id = uuid7_text()
            quiet = "" if d.quiet_since is None else f',"quiet_since":{since}'
            asked.keys.append(d.customer_id)
            asked.values.append(
                f'{{"event_id":"{event_id}","occurred_at":{time}{whom}{step}{cart}{order}{about}{quiet}{exit_on}'
                f',"due_at":{due_at},"expires_at":{expires_at}{content}}}'.encode()
            )
            head = heads[version_about(d.cart_id)]
            asked.headers.append(f'{{"ce_id":"{event_id}","ce_subject":{customer}{head}')
        total = "" if d.total is None else f',"total":{d.total}'
        told.keys.append(d.customer_id)
        told.values.append(
            f'{{"event_id":{reminder_id},"occurred_at":{time}{whom}{outcome}{cart}{item}{order}{total}{currency}'
            f',"due_at":{due_at},"decided_at":{time}}}'.encode()
        )
        told.headers.append(f'{{"ce_id":{reminder_id},"ce_subject":{customer}{told_head}')
    asked.topics.extend([ReminderRequested.topic] * len(asked.keys))
    told.topics.extend([ReminderDecided.topic] * len(told.keys))
    return together(asked, told)


def _cart(d: Decision) -> str:
    version = "" if d.cart_version is None else f',"cart_version":{d.cart_version}'
    return version if d.cart_id is None else f',"cart_id":"{uuid_text(d.cart_id)}"{version}'


@lru_cache(_KEPT)
def _texts(values: tuple[Any, ...], version: str) -> _Texts:
    said = dict(zip(_OF_MANY, values, strict=True))
    if len(said["channels"]) < 2:
        del said["channels"]
    for name in ("also_low", "viewed"):
        if not said[name]:
            del said[name]
    said |= {"arm": said["variant"], "campaign_version": version or None}
    told = ("campaign", "kind", "campaign_version", "step", "step_name", "channel", "arm", "outcome", "reason")
    return _Texts(
        store=_members(said, "store_id"),
        step=_members(said, *_STEP),
        about=_members(said, *_ABOUT),
        exit_on=_members(said, "exit_on"),
        content=_members(said, *_CONTENT),
        outcome=_members(said, *told),
        item=_members(said, "sku"),
        currency=_members(said, "currency"),
    )


def _head(kind: type[Event], now: datetime, version: int) -> str:
    """The end of the headers, the same for all of a kind."""
    headers = headers_of(kind, "", SOURCE, "", now, version)
    return "," + _json({name: said for name, said in headers.items() if name not in ("ce_id", "ce_subject")})[1:]


def _members(said: Mapping[str, object], *names: str) -> str:
    """Members of a JSON object, a comma before each; what is None is left out."""
    found = ((name, said.get(name)) for name in names)
    return "".join(f',"{name}":{_json(value)}' for name, value in found if value is not None)


def _json(value: object) -> str:
    return to_json(value, exclude_none=True).decode()


def _each(values: Sequence[object]) -> list[str]:
    """The JSON of each of many ids or moments, at a third of what it costs one by one: none of them has a comma."""
    return to_json(values).decode()[1:-1].split(",") if values else []
