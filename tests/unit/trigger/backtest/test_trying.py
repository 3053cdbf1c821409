"""A draft beside what is in force, over what has happened: counted from when it was asked for, and honest about it."""

from datetime import timedelta
from typing import Any

from libs.contracts.events import Event, MessageCancelled
from libs.policy.store_rules import StoreRules
from services.trigger.backtest.past import PastMessages
from services.trigger.backtest.policy import Held
from services.trigger.backtest.trying import Trying, begins_to_matter, steps_of
from services.trigger.domain.campaigns import CampaignFile
from tests.unit.trigger.making import added, after, ordered


def file(*steps: dict[str, Any], name: str = "cart") -> CampaignFile:
    return CampaignFile.model_validate(
        {"campaigns": [{"name": name, "kind": "abandoned_cart", "steps": [{"template": "t"} | one for one in steps]}]}
    )


ONE = file({"name": "nudge", "delay": "1h", "channel": "email"})
TWO = file({"name": "nudge", "delay": "2h", "channel": "email"}, {"name": "offer", "delay": "24h", "channel": "sms"})
EVENTS: list[Event] = [
    added("a"),
    added("b", at=after(minutes=1)),
    ordered("b", 2, after(minutes=90)),
    added("c", at=after(days=3)),
    added("c", 2, after(days=3, hours=5), {"tea": 2}),
]


def tried(
    live: CampaignFile,
    draft: CampaignFile,
    begins: timedelta = timedelta(0),
    until: Any = None,
    held: Held | None = None,
) -> dict[str, Any]:
    trying = Trying(live, draft, after() + begins, held)
    for event in EVENTS:
        trying.event(event)
    return trying.end(until or after(days=3, hours=5))


def test_both_versions_are_told_by_step_and_reason_and_day():
    found = tried(ONE, TWO)
    assert found["live"] == {
        "people": 3,
        "messages": 3,
        "steps": [{"campaign": "cart", "step": "nudge", "channel": "email", "messages": 3, "skipped": {}}],
        "days": [
            {"day": after(hours=1).date().isoformat(), "channel": "email", "messages": 2},
            {"day": after(days=3, hours=1).date().isoformat(), "channel": "email", "messages": 1},
        ],
        "held_back": {},
        "put_off": {},
    }
    assert found["rules"] is None
    assert found["draft"]["steps"] == [
        {"campaign": "cart", "step": "nudge", "channel": "email", "messages": 2, "skipped": {"ordered": 1}},
        {"campaign": "cart", "step": "offer", "channel": "sms", "messages": 1, "skipped": {"ordered": 1}},
    ]
    assert (found["draft"]["people"], found["draft"]["messages"], found["events"]) == (2, 3, 5)


def test_what_differs_is_counted_by_what_became_of_it():
    found = tried(ONE, TWO)["differ"]
    assert found == {"messages": 4, "people": 3, "added": 1, "dropped": 1, "moved": 2, "open": 0}
    assert tried(TWO, ONE)["differ"] == {"messages": 4, "people": 3, "added": 1, "dropped": 1, "moved": 2, "open": 0}
    same = tried(ONE, ONE)
    assert same["differ"] == {"messages": 0, "people": 0, "added": 0, "dropped": 0, "moved": 0, "open": 0}
    assert same["live"] == same["draft"]


def test_what_fell_due_before_it_begins_is_led_past_and_not_counted():
    found = tried(ONE, TWO, timedelta(hours=3))
    assert [one["messages"] for one in found["live"]["steps"]] == [1]
    assert [one["messages"] for one in found["draft"]["steps"]] == [1, 1]
    assert found["differ"] == {"messages": 2, "people": 2, "added": 1, "dropped": 0, "moved": 1, "open": 0}
    exactly = tried(ONE, ONE, timedelta(hours=1))
    assert exactly["live"]["messages"] == 3, "what is due at that very moment counts"


def test_it_says_from_when_on_anything_is_known():
    found = tried(ONE, TWO)
    assert (found["known_from"], found["short"]) == (after().isoformat(), False)
    assert tried(ONE, TWO, -timedelta(hours=6))["short"] is False
    assert tried(ONE, TWO, -timedelta(hours=6, seconds=1))["short"] is True
    nothing = Trying(ONE, TWO, after()).end(after(days=1))
    assert (nothing["known_from"], nothing["short"], nothing["events"]) == (None, True, 0)
    assert nothing["begins_at"] == after().isoformat()


def test_events_matter_from_as_long_before_as_the_longest_step_waits():
    assert begins_to_matter(after(days=9), ONE, TWO) == after(days=8)
    assert begins_to_matter(after(days=9), ONE) == after(days=9, hours=-1)
    empty = CampaignFile.model_validate({"campaigns": []})
    assert begins_to_matter(after(days=9), empty) == after(days=9)
    low = {"name": "low", "kind": "low_stock", "steps": [{"channel": "sms", "template": "t"}]}
    assert steps_of(CampaignFile.model_validate({"campaigns": [low]})) == [("low", "t-sms", timedelta(0))]
    assert steps_of(TWO) == [("cart", "nudge", timedelta(hours=2)), ("cart", "offer", timedelta(hours=24))]


def test_all_is_known_up_to_when_it_was_asked_and_what_falls_due_later_is_open():
    found = tried(ONE, TWO, until=after(days=3, hours=6, minutes=30))
    assert found["live"]["messages"] == 4, "the last change went quiet for an hour"
    assert [one["messages"] for one in found["draft"]["steps"]] == [2, 1]
    assert found["differ"]["open"] == 1
    assert tried(ONE, TWO, until=after(days=3, hours=7))["differ"]["open"] == 0


RULES = StoreRules.described(
    {"messages": {"email_from": "a@shop.example", "email_cap_hours": 100, "quiet_hours": "12:30-14:00"}}, {}
)


def test_by_the_rules_of_the_store_some_are_held_back_and_some_put_off_on_either_side():
    """There is no sender of texts; a and b are due by one o'clock, and c more than a cap later."""
    found = tried(ONE, TWO, held=Held("shop", RULES))
    assert found["rules"] == {"cap_hours": {"email": 100.0, "sms": 0.0}, "quiet_hours": "12:30-14:00", "laws": False}
    assert (found["live"]["messages"], found["live"]["held_back"], found["live"]["put_off"]) == (
        3 - 1,
        {},
        {"quiet_hours": 2},
    )
    assert found["draft"]["held_back"] == {"no_sender": 1}
    assert found["draft"]["put_off"] == {}


def test_what_a_side_has_sent_counts_for_that_side_alone():
    """The live one reminds a an hour after, the draft three days later: only by the first she had a message by then."""
    rules = RULES.model_copy(update={"quiet_hours": ""})
    twice = file(
        {"name": "nudge", "delay": "1h", "channel": "email"}, {"name": "last", "delay": "71h", "channel": "email"}
    )
    once = file({"name": "last", "delay": "71h", "channel": "email"})
    found = tried(twice, once, held=Held("shop", rules))
    assert found["live"]["held_back"] == {"frequency_cap": 1}
    assert found["draft"]["held_back"] == {}


def test_how_somebody_can_be_reached_counts_as_it_was_told_by_then():
    gone = MessageCancelled(
        event_id=EVENTS[0].event_id,
        occurred_at=after(days=2),
        reminder_id=EVENTS[0].event_id,
        store_id="shop",
        customer_id="customer-c",
        campaign="cart",
        kind="abandoned_cart",
        step=1,
        channel="email",
        reason="no_consent",
    )
    past = PastMessages()
    trying = Trying(ONE, ONE, after(), Held("shop", RULES, past=past))
    for event in (*EVENTS[:3], gone, *EVENTS[3:]):
        trying.event(event)
    found = trying.end(after(days=3, hours=5))
    assert found["live"]["held_back"] == {"no_consent": 1}
    assert past.closed("customer-c", "email") == "no_consent"
