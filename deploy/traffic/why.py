"""Why a message was or was not sent, in words. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from libs.money.currencies import decimal_of
from services.trigger.domain.campaigns import CampaignFile, StoreCampaigns
from services.trigger.domain.carts import CartState
from services.trigger.domain.episodes import plan

REASONS = {
    "no_contact": "nobody knows an address or number for it",
    "no_consent": "no consent for this channel",
    "suppressed": "unsubscribed, bounced, complained or said STOP",
    "ordered": "the cart was ordered meanwhile",
    "emptied": "the cart was emptied meanwhile",
    "cart_changed": "the cart changed meanwhile: another wait begins with that",
    "cart_gone": "the cart is gone",
    "restocked": "there is enough in stock again",
    "sold_out": "it is sold out",
    "not_in_cart": "it is not in the cart any more",
    "too_late": "its time had passed",
    "frequency_cap": "too soon after the last message",
    "quiet_hours": "it would have disturbed at night",
    "newer_cart": "another cart of the same address went quiet later",
    "profile_unread": "what was said of contact and consent last had not arrived yet",
    "unreachable": "it may be reached by none of the step's channels: no address, no consent, or closed",
    "one_sms_per_cart": "one text about a cart is enough",
    "expired": "its time had passed before it could be decided on",
    "below_minimum": "the cart costs less than the campaign asks for",
    "currency_not_listed": "the campaign names no minimum in the cart's currency",
    "above_maximum": "the cart costs more than the campaign is for",
    "next_step_due": "its hours begin only when the next step is due",
    "paused": "the campaign is paused",
    "holdout": "the customer is in the holdout, who are told nothing",
    "other_arm": "the step is for another arm",
    "reentered_too_soon": "the customer was in the campaign as often as it allows",
    "already_decided": "another step of this name was decided on for this cart: a step was renamed or moved",
    "told_together": "another item had run low just before, and one message was enough",
}
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
    return f"{reminder['campaign']}{sku}, step {reminder['step']} by {reminder['channel']}"


def swallowed(decisions: Iterable[dict[str, Any]], messages: Iterable[dict[str, Any]]) -> list[ReminderLine]:
    """The trigger's decisions of which the notifier has no message, in order of due time."""
    known = {message["reminder_id"] for message in messages}
    found = []
    for one in decisions:
        if one["reminder_id"] in known:
            continue
        skipped = one["outcome"] == "skipped"
        why = REASONS.get(one["reason"], one["reason"]) if skipped else "the notifier has not heard of it yet"
        found.append(ReminderLine(_moment(one["due_at"]), _what(one), "skipped" if skipped else "asked for", why))
    return sorted(found, key=lambda one: one.due_at)


def planned(
    cart: dict[str, Any], campaigns: CampaignFile, now: datetime, told: Iterable[ReminderLine] = ()
) -> list[ReminderLine]:
    """What the campaign file plans for a cart as it is now, if nothing happens to it, without what was `told`."""
    state, found = _state(cart), []
    known = {one.what for one in told if one.due_at >= state.quiet_since}
    for one in plan(state, StoreCampaigns.always(campaigns)):
        ways = one.step.by_preference
        what = f"{one.campaign.name}, step {one.number} by"
        if any(f"{what} {way}" in known for way in ways):
            continue
        what = f"{what} {' or '.join(ways)}"
        if one.due_at <= now:
            why = "the trigger has not decided on it, or its campaign was switched on after the cart's last change"
            found.append(ReminderLine(one.due_at, what, "passed", why))
        elif one.skip is None:
            found.append(ReminderLine(one.due_at, what, "planned", "if nothing changes"))
        elif one.skip in REASONS:
            found.append(ReminderLine(one.due_at, what, "left out", REASONS[one.skip]))
    return found


def _state(cart: dict[str, Any]) -> CartState:
    """The cart as the trigger sees it, which knows since when its goods are quiet: notes leave its clock alone."""
    quiet_since = _moment(cart.get("quiet_since") or cart["updated_at"])
    silent_since = _moment(cart["silent_since"]) if cart.get("silent_since") else None
    return CartState(
        cart_id=UUID(cart["id"]),
        store_id=cart["store_id"],
        customer_id=cart["customer_id"],
        version=cart["version"],
        goods_version=cart["version"],
        quiet_since=quiet_since,
        units=cart["units"],
        total=cart["total"],
        currency=cart["currency"],
        closed=cart["status"] != "active",
        decided_until=quiet_since,
        silent=silent_since is not None,
        heeds_orders=silent_since is not None and silent_since <= quiet_since,
    )


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
    words = REASONS.get(str(reason), str(reason or ""))
    if message["state"] == "pending":
        until = f" (next try {_moment(message['next_at']):%H:%M:%S})" if message.get("next_at") else ""
        return f"waits: {words}{until}" if words else f"on its way{until}"
    return words


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
