"""One customer, one line of time: what the services know of them, in the order in which it happened. Pure.

Decisions are the trigger's, messages, what was heard of them and what was chosen on their page the notifier's, carts,
merges and consents the cart's, orders our own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.console.domain.messages import Entry

ORDERS = frozenset({"placed", "cancelled", "returned", "paid", "payment_failed", "shipped", "delivered"})
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened: `what` is a word of the page, `why` a sentence, `rests_on` what it opens to."""

    at: datetime
    what: str
    name: str = ""
    channel: str = ""
    why: str = ""
    good: bool | None = None
    rests_on: Mapping[str, Any] = field(default_factory=dict)
    undo: str = ""
    """The merge that can be undone from here."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Something that will happen if nothing changes, or why it will not."""

    at: datetime
    campaign: str
    step: str
    channel: str
    goes: bool
    why: str
    cart_id: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What the services tell of a customer, each in its own shape."""

    explained: Json
    messages: Sequence[Json] = ()
    carts: Sequence[Json] = ()
    merges: Sequence[Json] = ()
    consents: Sequence[Json] = ()
    choices: Sequence[Json] = ()
    entries: Sequence[Entry] = ()


def lines_of(told: Told) -> list[Line]:
    """Everything that happened, the newest first."""
    found = [
        *_decisions(told.explained),
        *_messages(told.messages),
        *_carts(told.carts),
        *_merges(told.merges),
        *_consents(told.consents),
        *_choices(told.choices),
        *_orders(told.entries),
    ]
    return sorted(found, key=lambda line: line.at, reverse=True)


def planned_of(explained: Json) -> list[Planned]:
    """What is ahead, the soonest first."""
    found = [
        Planned(
            _at(step["due_at"]),
            step["campaign"],
            step["step_name"],
            step["channel"],
            goes=step["state"] == "planned",
            why=step["why"],
            cart_id=one.get("cart_id", ""),
        )
        for one in (*explained["carts"], *explained.get("occasions", ()))  # a trigger of before tells of carts alone
        for step in one["ahead"]
    ]
    return sorted(found, key=lambda one: one.at)


def _decisions(explained: Json) -> Iterator[Line]:
    for one in explained["decisions"]:
        asked = one["outcome"] == "would_send"
        what = "decided" if asked else "skipped"
        kept = ("step", "campaign_version", "arm", "cart_id", "order_id", "sku", "due_at", "reason")
        name = " · ".join(part for part in (one["campaign"], one["step_name"]) if part)
        yield Line(_at(one["decided_at"]), what, name, one["channel"], one["why"], None, _open(one, kept))


def _messages(messages: Iterable[Json]) -> Iterator[Line]:
    for one in messages:
        kept = ("reminder_id", "template", "step", "reason", "provider_id", "cart_id", "order_id", "sku", "failures")
        state = one["state"]
        good = {"sent": True, "failed": False, "unknown": False}.get(state)
        at = one["finished_at"] or one["received_at"]
        what = "waiting" if state in ("pending", "sending") else state
        rests_on = _open(one, kept) | _by_law(one)
        yield Line(_at(at), what, one["campaign"], one["channel"], one["reason"] or "", good, rests_on)
        for heard in one["answers"]:
            told = ("provider", "weight", "status", "reason", "times", "last_at")
            bad = heard["answer"] in ("bounced", "complained")
            name, why = one["campaign"], heard["reason"] or ""
            yield Line(_at(heard["first_at"]), heard["answer"], name, one["channel"], why, not bad, _open(heard, told))


def _by_law(message: Json) -> dict[str, Any]:
    told = message.get("laws") or ()  # a notifier of before tells of none
    laws = (f"{' '.join((one['country'], *one['states']))} ({one['told_by']}): {one['source']}" for one in told)
    return {"laws": "; ".join(laws)} if told else {}


def _carts(carts: Iterable[Json]) -> Iterator[Line]:
    for one in carts:
        kept = ("id", "status", "units", "version", "created_at")
        at = one.get("updated_at") or one.get("created_at")
        if at is not None:
            yield Line(_at(at), f"cart_{one.get('status', 'active')}", "", rests_on=_open(one, kept))


def _merges(merges: Iterable[Json]) -> Iterator[Line]:
    for one in merges:
        rests_on = _open(one, ("merge_id", "mode", "from_cart_id", "undo_until")) | {"lines": len(one["lines"])}
        undo = one["merge_id"] if one["can_be_undone"] else ""
        yield Line(_at(one["merged_at"]), "merged", rests_on=rests_on, undo=undo)
        if one["undone_at"] is not None:
            yield Line(_at(one["undone_at"]), "merge_undone", rests_on={"merge_id": one["merge_id"]})


def _consents(consents: Iterable[Json]) -> Iterator[Line]:
    """Each with what proves it: the words; of one that the store's server told, these are with the store."""
    for one in consents:
        channel, good = one["channel"], True if one["counts"] else None
        if one["agreed_at"] is not None:
            why = one["wording"] or "told_by_store"
            yield Line(_at(one["agreed_at"]), "agreed", "", channel, why, good, _open(one, ("page", "counts", "asked")))
        if one["confirmed_at"] is not None:
            yield Line(_at(one["confirmed_at"]), "confirmed", "", channel, one["confirmed_wording"] or "", good)


def _choices(choices: Iterable[Json]) -> Iterator[Line]:
    for one in choices:
        yield Line(_at(one["changed_at"]), "chose", why=one["wording"], rests_on=_open(one, ("reminder_id",)))


def _orders(entries: Iterable[Entry]) -> Iterator[Line]:
    for one in entries:
        if one.what in ORDERS:
            facts = {"order_id": one.order_id, "credited_to": one.credited_to}
            money = {"amount": one.amount} if one.amount else {}
            good = one.what == "placed" or None
            yield Line(one.at, f"order_{one.what}", good=good, rests_on={k: v for k, v in facts.items() if v} | money)


def _open(one: Json, kept: Sequence[str]) -> dict[str, Any]:
    return {name: one[name] for name in kept if one.get(name) not in (None, "", 0)}


def _at(value: str | datetime) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
