"""Why a message was or was not sent: every stable word of trigger and notifier, as a sentence for people."""

from collections.abc import Mapping
from types import MappingProxyType

REASONS: Mapping[str, str] = MappingProxyType(
    {
        # the trigger, of what it asks for
        "idle": "the cart had gone quiet, and nothing spoke against it",
        "abandoned_cart": "the cart had gone quiet, and nothing spoke against it",
        "abandoned_checkout": "a checkout had been begun and left, and nothing spoke against it",
        "low_stock": "the item was running low",
        "order_confirmed": "the order was placed",
        "order_shipped": "the order was shipped",
        "order_delivered": "the order was delivered",
        "order_cancelled": "the order was cancelled",
        "order_returned": "the order was returned",
        "price_drop": "its price had fallen",
        "back_in_stock": "it could be bought again",
        "post_purchase": "they had ordered, and it was time to write after it",
        "saved_items": "they had set something aside, and had not touched it since",
        "win_back": "they had not ordered for long",
        # the trigger, of what it does not ask for
        "guest": "the campaign is for those who log in, and they have only left an address",
        "cancelled": "the order was cancelled meanwhile",
        "returned": "the order was returned meanwhile",
        "payment_failed": "the order was not paid",
        "expired": "its time had passed before it could be decided on",
        "already_decided": "another step of this name was decided on for this cart: a step was renamed or moved",
        "paused": "the campaign was paused when it came due",
        "told_together": "another item had run low just before, and one message was enough",
        "cooling_down": "they were told of this item a short while ago",
        "bought": "they had ordered the item since",
        "fell_too_little": "the price fell by less than the campaign asks for",
        "price_as_seen": "it costs what they saw, or more",
        "price_told_before": "they were told of this price before",
        "superseded": "the price moved again, or another change took its place",
        "next_step_due": "its hours open only when a later step is due, which goes out instead",
        "anonymous": "the cart is a guest's: nobody can be told",
        "clicked": "they had clicked on a message of the campaign a short while before",
        "unreachable": "none of the step's channels reaches them: no address, no consent, or closed",
        "holdout": "they are in the holdout, which is told nothing",
        "other_arm": "the step is for another arm",
        "reentered_too_soon": "they were in this campaign as often as it allows",
        "below_minimum": "the cart, or the order, costs less than the campaign asks for",
        "above_maximum": "the cart, or the order, costs more than the campaign is for",
        "currency_not_listed": "the campaign names no amount in its currency",
        "category_not_listed": "nothing of it is of a category that the campaign is for",
        "category_excluded": "something of it is of a category that the campaign leaves out",
        "not_in_segment": "they are not in the segment that the campaign is for",
        "in_segment": "they are in a segment that the campaign leaves out",
        "out_of_stock": "what it is about can't be bought just now",
        "in_checkout": "they had begun to pay, and a campaign on left checkouts has taken the cart",
        "origin_staff": "staff filled the cart",
        "origin_bot": "a bot filled the cart",
        "origin_import": "an import filled the cart",
        "origin_other": "no shopper filled the cart",
        # the trigger, of what is ahead of a cart
        "planned": "it goes out then if nothing changes",
        "waiting_for_facts": "it is due, and waits until all that happened up to then has been read",
        "switched_on_later": "its campaign was switched on after the cart's last change",
        "ordered_elsewhere": "they have ordered since, which ends the reminders of this campaign",
        # both
        "ordered": "the cart was ordered meanwhile",
        "emptied": "the cart was emptied meanwhile",
        "cart_changed": "the cart changed meanwhile: another wait begins with that",
        "cart_gone": "the cart is gone",
        # the notifier
        "no_contact": "nobody knows an address or number for it",
        "no_consent": "no consent for this channel",
        "no_sender": "the store has no sender for this channel",
        "suppressed": "unsubscribed, bounced, complained or said STOP",
        "restocked": "there is enough in stock again",
        "sold_out": "it is sold out",
        "price_rose": "the price had risen again",
        "price_unknown": "the shop tells no price of it any more",
        "unknown_order": "the order is not known, or not theirs",
        "nothing_saved": "nothing is set aside any more",
        "cart_active": "they have a cart again",
        "level_unknown": "nobody knows how many are left, or it can be ordered beyond its level",
        "not_watched": "they wait for it no more",
        "not_in_cart": "it is not in the cart any more",
        "too_late": "its time had passed",
        "frequency_cap": "too soon after the last message",
        "quiet_hours": "it would have disturbed at night",
        "newer_cart": "another cart of the same address went quiet later",
        "profile_unread": "what was said of contact and consent last had not arrived yet",
        "asked_lately": "the address was asked lately whether it wants to be reminded",
        "nothing_to_confirm": "nobody waits for an answer of this address",
        "one_sms_per_cart": "one text about a cart is enough",
    }
)


def in_words(reason: str) -> str:
    """The sentence of a reason; the word itself where a newer release, or a kind of yours, has given it."""
    return REASONS.get(reason, reason)
