"""Why a message was or was not sent, in words. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from libs.contracts.reasons import in_words
from libs.money.currencies import decimal_of

CLOSED = {
    "ordered": "it was ordered",
    "merged": "it went into another cart",
    "expired": "nobody touched it for too long",
}


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """One line: a reminder (`what`), when it is or was due (UTC), what became of it, and why."""

    due_at: datetime
    what: str
    became: str
    why: str


def asked_for(messages: Iterable[dict[str, Any]]) -> list[ReminderLine]:
    """The notifier's reminders, in order of due time."""
    found = [ReminderLine(_moment(m["due_at"]), _what(m), _became(m), _why(m)) for m in messages]
    return sorted(found, key=lambda one: one.due_at)


def _what(reminder: dict[str, Any]) -> str:
    sku = f" of {reminder['sku']}" if reminder.get("sku") else ""
    order = f" of order {reminder['order_id']}" if reminder.get("order_id") else ""
    return f"{reminder['campaign']}{sku}{order}, step {reminder['step']} by {reminder['channel']}"


def swallowed(decisions: Iterable[dict[str, Any]], messages: Iterable[dict[str, Any]]) -> list[ReminderLine]:
    """The trigger's decisions of which the notifier has no message, in order of due time."""
    known = {message["reminder_id"] for message in messages}
    found = []
    for one in decisions:
        if one["reminder_id"] in known:
            continue
        skipped = one["outcome"] == "skipped"
        why = one["why"] if skipped else "the notifier has not heard of it yet"
        found.append(ReminderLine(_moment(one["due_at"]), _what(one), "skipped" if skipped else "asked for", why))
    return sorted(found, key=lambda one: one.due_at)


def planned(ahead: Iterable[dict[str, Any]]) -> list[ReminderLine]:
    """The steps that the trigger says are ahead of a cart, in order of due time."""
    return [
        ReminderLine(_moment(one["due_at"]), _what(one), one["state"].replace("_", " "), one["why"]) for one in ahead
    ]


def cart_in_words(cart: dict[str, Any]) -> str:
    """Why a cart is or is not waited for."""
    if cart["status"] != "active":
        return f"{cart['status']}: {CLOSED.get(cart['status'], 'it is closed')}; nothing more is sent about it"
    if not cart["units"]:
        return "active, but empty: there is nothing to remind of"
    if cart["customer_id"] is None:
        return "active, but a guest's: nobody can be told"
    if cart.get("silent_since"):
        return (
            "active, but its customer has ordered since: until its goods change only campaigns go on that no order ends"
        )
    return f"active since {_moment(cart['created_at']):%Y-%m-%d %H:%M:%S}, quiet since its last change"


def amount(cart: dict[str, Any]) -> str:
    """What a cart costs, with as many decimals as its currency has by ISO 4217."""
    return f"{decimal_of(cart['total'], cart['currency']):,f} {cart['currency']}"


def _became(message: dict[str, Any]) -> str:
    ended = message.get("finished_at")
    return f"{message['state']} {_moment(ended):%H:%M:%S}" if ended else str(message["state"])


def _why(message: dict[str, Any]) -> str:
    reason = message.get("reason")
    if message["state"] == "sent":
        return "the stock was low" if message.get("sku") else "nothing had changed"
    if message["state"] == "unknown":
        return "the process died between the provider's answer and its record"
    words = in_words(str(reason or ""))
    if message["state"] == "pending":
        until = f" (next try {_moment(message['next_at']):%H:%M:%S})" if message.get("next_at") else ""
        return f"waits: {words}{_where(message)}{until}" if words else f"on its way{until}"
    return f"{words}{_where(message)}"


def _where(message: dict[str, Any]) -> str:
    """The countries whose laws hold it back, and what tells that its customer is there."""
    places = {f"{one['country']} by {one['told_by']}": None for one in message.get("laws") or ()}
    return f" ({', '.join(places)})" if places else ""


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
