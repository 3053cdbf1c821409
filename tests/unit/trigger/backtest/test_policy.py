"""By a store's rules a reminder of a tried campaign goes out, waits, goes by another channel, or stays."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from libs.contracts.events import MessageCancelled, MessageSent
from libs.policy.laws import Law, LawFile, Laws
from libs.policy.store_rules import StoreRules
from services.trigger.backtest.lately import EPISODES_KEPT
from services.trigger.backtest.past import PastMessages
from services.trigger.backtest.policy import StorePolicy
from services.trigger.domain.decision import episode_reminder_id
from services.trigger.domain.reach import Reach
from services.trigger.domain.told import Told
from tests.unit.trigger.making import added, after, cart_id, ordered

OPEN = {"email_from": "a@shop.example", "sms_from": "+15005550006"}
LAWS = Laws(
    LawFile(
        reviewed="2026-12-01",
        laws=(
            Law.model_validate({"country": "PL", "hours": "08:00-12:00", "source": "a test"}),
            Law.model_validate({"country": "US", "once_an_abandonment": True, "within_hours": 48, "source": "a test"}),
        ),
    )
)


def rules(zone: str = "UTC", **messages: Any) -> StoreRules:
    return StoreRules.described({"time_zone": zone, "messages": OPEN | messages}, {})


def reminder(who: str = "anna", at: datetime | None = None, **changes: Any) -> Told:
    due_at = at or after(hours=1)
    facts: dict[str, Any] = {"due_at": due_at, "customer_id": who, "campaign": "cart", "kind": "abandoned_cart"}
    facts |= {"step": 1, "name": "nudge", "channel": "email", "outcome": "would_send", "reason": "idle", "arm": None}
    facts |= {"cart_id": cart_id(who), "cart_version": 1, "total": 500, "currency": "EUR"}
    facts |= {"expires_at": due_at + timedelta(hours=12), "channels": ("email",), "quiet_since": after()}
    return Told(**facts | changes)


def settled(policy: StorePolicy, one: Told) -> Told | None:
    """What is known at once; None where it waits."""
    return next(iter(policy.ask(one, 0)), None)


def became(policy: StorePolicy, one: Told) -> str:
    """Why it stays, or that it goes out."""
    found = settled(policy, one)
    assert found is not None, "it waits"
    return found.reason if found.outcome == "skipped" else found.outcome


def knowing(**reach: Reach) -> Callable[[str], Reach | None]:
    return reach.get


def test_what_nothing_speaks_against_goes_out_when_it_is_due():
    one = reminder()
    assert settled(StorePolicy(rules()), one) == one._replace(sent_at=one.due_at)


def test_what_was_skipped_stays_so_whatever_the_rules():
    skipped = reminder(outcome="skipped", reason="ordered")
    assert settled(StorePolicy(rules(email_from=None)), skipped) == skipped


def test_a_cap_puts_off_and_counts_by_channel_and_person():
    policy = StorePolicy(rules(email_cap_hours=6, sms_cap_hours=6))
    assert settled(policy, reminder())
    again = reminder(at=after(hours=3))
    assert settled(policy, again) is None
    assert settled(policy, reminder("bob", at=after(hours=3)))
    assert settled(policy, reminder(at=after(hours=3), channel="sms", channels=("sms",)))
    assert list(policy.before(after(hours=7))) == []
    ((at, order, sent),) = policy.through(after(hours=7))
    assert (at, order) == (after(hours=7), 0)
    assert sent == again._replace(sent_at=after(hours=7), put_off="frequency_cap")


def test_what_can_t_wait_so_long_is_left_out_under_the_rule_s_reason():
    policy = StorePolicy(rules(quiet_hours="12:00-09:00"))
    assert became(policy, reminder()) == "quiet_hours"


@pytest.mark.parametrize(("zone", "hour"), [("Europe/Warsaw", 14), ("no/zone", 13), (None, 13)])
def test_quiet_hours_are_those_of_where_somebody_is_or_else_of_the_store(zone: str | None, hour: int):
    """At one o'clock in London it is two in Warsaw."""
    night = f"{hour:02}:00-{hour + 1:02}:00"
    policy = StorePolicy(rules(quiet_hours=night), reach_of=knowing(anna=Reach(True, True, zone)))
    assert settled(policy, reminder()) is None
    assert [sent.sent_at for _, _, sent in policy.end()] == [after(hours=2)]


def test_who_can_be_reached_by_no_channel_is_told_nothing_but_of_an_order():
    policy = StorePolicy(rules(), reach_of=knowing(anna=Reach(False, False)))
    assert became(policy, reminder()) == "unreachable"
    assert became(policy, reminder(kind="order_shipped")) == "would_send"


def test_of_an_order_is_told_at_night_and_however_often():
    policy = StorePolicy(rules(quiet_hours="12:00-09:00", email_cap_hours=24))
    assert all(settled(policy, reminder(kind="order_shipped")) for _ in range(2))
    policy = StorePolicy(rules(email_cap_hours=24))
    assert settled(policy, reminder(kind="order_shipped"))
    assert settled(policy, reminder()), "it counts for no cap"


def test_the_first_channel_that_is_open_is_taken():
    by_preference = ("email", "sms", "telegram")
    policy = StorePolicy(rules(), reach_of=knowing(anna=Reach(False, True)))
    found = settled(policy, reminder(channels=by_preference))
    assert (found and found.channel, found and found.outcome) == ("sms", "would_send")
    policy = StorePolicy(rules(sms_from=None), reach_of=knowing(anna=Reach(False, True)))
    found = settled(policy, reminder(channels=by_preference))
    assert (found and found.channel, found and found.reason) == ("email", "unreachable")
    policy = StorePolicy(rules(email_from=None, quiet_hours="12:00-14:00"))
    assert settled(policy, reminder(channels=by_preference)) is None, "it waits for the text"
    assert [sent.channel for _, _, sent in policy.end()] == ["sms"]


def test_a_closed_store_and_one_without_a_sender_send_nothing():
    assert became(StorePolicy(rules(email_from=None)), reminder()) == "no_sender"
    closed = StoreRules.described({"messages": OPEN}, {}, closed=True)
    assert became(StorePolicy(closed), reminder()) == "store_closed"


def test_what_is_due_behind_its_own_end_is_too_late():
    assert became(StorePolicy(rules()), reminder(expires_at=after(hours=1))) == "too_late"


def test_one_text_about_a_cart_is_enough_where_texts_have_a_cap():
    text: dict[str, Any] = {"channel": "sms", "channels": ("sms",)}
    policy = StorePolicy(rules(sms_cap_hours=1))
    assert settled(policy, reminder(**text))
    assert became(policy, reminder(at=after(hours=5), **text)) == "one_sms_per_cart"
    for other in ({"cart_version": 2}, {"kind": "price_drop"}):
        assert became(policy, reminder(at=after(hours=7), **text | other)) == "would_send"
        policy = StorePolicy(rules(sms_cap_hours=1))
        settled(policy, reminder(**text))


def test_texts_keep_the_laws_of_where_somebody_is_and_letters_do_not():
    """It is one o'clock in London, and two in Poland, where no text may go after noon."""
    text: dict[str, Any] = {"channel": "sms", "channels": ("sms",)}
    policy = StorePolicy(rules("Europe/Warsaw"), LAWS)
    assert became(policy, reminder(**text)) == "legal_hours"
    assert became(policy, reminder()) == "would_send"
    abroad = StorePolicy(rules("Europe/Warsaw"), LAWS, knowing(anna=Reach(True, True, "America/New_York")))
    assert became(abroad, reminder(**text)) == "would_send"
    assert became(abroad, reminder(at=after(hours=30), **text)) == "one_sms_per_cart"
    assert became(abroad, reminder(at=after(hours=50), **text | {"cart_version": 2})) == "legal_period"


def test_a_cart_that_changes_ends_what_waits():
    policy = StorePolicy(rules(quiet_hours="12:00-14:00"))
    assert settled(policy, reminder()) is None
    assert settled(policy, reminder("bob")) is None
    changed = [one.reason for one in policy.change(added("anna", 2, after(minutes=70), {"tea": 2}))]
    assert changed == ["cart_changed"]
    assert [one.reason for one in policy.change(ordered("bob", 2, after(minutes=80)))] == ["ordered"]
    assert list(policy.end()) == []


def test_of_a_cart_of_which_several_wait_a_change_ends_all_and_the_next_begin_anew():
    policy = StorePolicy(rules(quiet_hours="12:00-14:00"))
    for step in ("nudge", "offer"):
        assert settled(policy, reminder(name=step)) is None
    changed = added("anna", 2, after(minutes=70), {"tea": 2})
    assert [one.reason for one in policy.change(changed)] == ["cart_changed", "cart_changed"]
    assert settled(policy, reminder(cart_version=2)) is None
    assert [(one.cart_version, one.sent_at) for _, _, one in policy.end()] == [(2, after(hours=2))]
    assert (len(policy._waiting), policy._waiting._carts) == (0, {})


def of_message(kind: Any, one: Told, **changes: Any) -> Any:
    place = (one.kind, "shop", one.campaign, one.cart_id, one.cart_version, one.name)
    facts: dict[str, Any] = {"reminder_id": episode_reminder_id(*place), "store_id": "shop"}  # type: ignore[arg-type]
    facts |= {"customer_id": one.customer_id, "campaign": one.campaign, "kind": one.kind, "step": 1}
    facts |= {"channel": one.channel, "event_id": one.cart_id, "occurred_at": one.due_at}
    return kind(**facts | changes)


def test_what_came_to_nothing_then_comes_to_nothing_again():
    past = PastMessages()
    policy = StorePolicy(rules(), past=past, store_id="shop")
    past.foresee(of_message(MessageCancelled, reminder(), reason="sold_out"))
    assert became(policy, reminder()) == "sold_out"
    for other in ({"name": "offer"}, {"cart_version": 2}, {"cart_id": None}):
        assert became(policy, reminder(**other)) == "would_send"
    known = of_message(MessageCancelled, reminder(), reason="sold_out").reminder_id
    assert became(policy, reminder(kind="price_drop", about=known)) == "sold_out"


def test_a_channel_that_was_closed_to_somebody_stays_so_until_something_goes_out_by_it():
    past = PastMessages()
    policy = StorePolicy(rules(), past=past, store_id="shop")
    past.learn(of_message(MessageCancelled, reminder(), reason="no_consent"))
    assert became(policy, reminder(name="offer")) == "no_consent"
    past.learn(of_message(MessageSent, reminder()))
    assert became(policy, reminder(name="offer")) == "would_send"


def test_what_is_long_ago_is_forgotten():
    policy = StorePolicy(rules(sms_cap_hours=1, email_cap_hours=1))
    for number in range(5):
        at = after(hours=1) + number * (EPISODES_KEPT + timedelta(seconds=1))
        for channel in ("sms", "email"):
            settled(policy, reminder(f"shopper-{number}", at=at, channel=channel, channels=(channel,)))
    assert (len(policy._episodes), len(policy._sent)) == (2, 2)


def test_a_text_about_a_cart_is_known_for_forty_days_at_least():
    policy = StorePolicy(rules(sms_cap_hours=1))
    first = reminder(at=after(hours=1), channel="sms", channels=("sms",))
    settled(policy, first)
    for days in (39, 41):  # others' texts, at which is forgotten what is old
        other = reminder("ben", at=after(hours=1) + timedelta(days=days), channel="sms", channels=("sms",))
        settled(policy, other)
    key = (first.channel, first.cart_id, first.cart_version)
    assert key in policy._episodes
    assert ("email", *key[1:]) not in policy._episodes


def test_what_waits_of_two_steps_of_a_cart_ends_one_by_one_or_with_the_cart():
    policy = StorePolicy(rules(quiet_hours="00:00-23:00"))
    first, second = reminder(), reminder(name="offer", at=after(hours=2))
    other = reminder("ben")
    assert [settled(policy, one) for one in (first, second, other)] == [None, None, None]
    assert [one.reason for one in policy.change(added("anna", version=2))] == ["cart_changed", "cart_changed"]
    assert [one.customer_id for _, _, one in policy.end()] == ["ben"]


def test_what_waits_of_no_cart_goes_out_when_its_time_comes():
    policy = StorePolicy(rules(quiet_hours="00:00-23:00"))
    about = [episode_reminder_id("back_in_stock", "shop", "back", cart_id(who), 1, "s") for who in ("anna", "ben")]
    for who, reminder_id in zip(("anna", "ben"), about, strict=True):
        settled(policy, reminder(who, kind="back_in_stock", cart_id=None, cart_version=None, about=reminder_id))
    assert [one.customer_id for _, _, one in policy.end()] == ["anna", "ben"]
