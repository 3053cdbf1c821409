"""What pages draw: flows out of campaigns and figures, lines of time, pauses, gains, signs of health, texts to edit."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import yaml

from services.console.domain.campaign_text import document_of, text_of
from services.console.domain.figures import (
    Arm,
    CampaignFunnel,
    Difference,
    Interval,
    Money,
    Reason,
    Revenue,
    Step,
    Week,
)
from services.console.domain.flow import duration, flows_of, planned_of
from services.console.domain.gain import Gain, gain_of
from services.console.domain.messages import Entry
from services.console.domain.pauses import Scope
from services.console.domain.pulse import signs_of
from services.console.domain.timeline import Told, lines_of
from services.console.domain.timeline import planned_of as ahead_of

AT = "2026-12-01T10:00:00+00:00"
NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)
STEP = Step(
    step=1, name="nudge", channel="email", arm=None, decided=9, held_out=1, asked=8, waiting=1, sent=7, delivered=6,
    bounced=1, complained=0, opened=3, clicked=2, suspected=1, ordered=1,
    revenue=Revenue((Money("EUR", 500), Money("PLN", 90)), None),
    skipped=(Reason("ordered", 2), Reason("holdout", 9)), not_sent=(Reason("ordered", 1), Reason("capped", 3)),
)  # fmt: skip
SAID: dict[str, Any] = {
    "name": "cart",
    "kind": "abandoned_cart",
    "split": {"holdout": 10, "arms": {}},
    "steps": [
        {"name": "nudge", "delay": "PT1H", "channels": ["email"], "template": "abandoned_cart_1"},
        {"delay": "P1DT30M", "channels": ["email", "sms"], "template": "x", "coupon": "TEN", "when": {"arm": "b"}},
    ],
}


def in_force(*campaigns: dict[str, Any]) -> dict[str, Any]:
    return {"campaigns": [{"since": AT, "campaign": one} for one in campaigns], "segments": {}}


def funnel(*steps: Step) -> CampaignFunnel:
    return CampaignFunnel("cart", "abandoned_cart", ("1",), 20, 2, 2, 1, steps)


def test_a_flow_has_the_steps_of_the_file_with_their_figures_over_all_channels():
    text = replace(STEP, channel="sms", sent=3, revenue=Revenue((Money("EUR", 20),), None))
    (flow,) = flows_of(in_force(SAID), [funnel(STEP, text)], [])
    first, second = flow.steps
    assert (flow.name, flow.kind, flow.since, flow.holdout, flow.paused) == ("cart", "abandoned_cart", AT, 10, False)
    assert (first.number, first.name, first.channels, first.after) == (1, "nudge", ("email",), timedelta(hours=1))
    assert (first.template, second.template) == ("abandoned_cart_1", "x")
    assert (first.total("sent"), first.total("clicked")) == (10, 4)
    assert first.revenue == (("EUR", 520), ("PLN", 90))
    assert first.skipped == (("capped", 6), ("ordered", 6))
    assert (second.after, second.coupon, second.arm) == (timedelta(days=1, minutes=30), "TEN", "b")
    assert (second.figures, second.total("sent"), second.revenue, second.skipped) == ((), 0, (), ())
    assert flow.figures == funnel(STEP, text)


def test_a_campaign_without_figures_or_steps_is_drawn_all_the_same():
    (flow,) = flows_of(in_force({"name": "x", "kind": "low_stock"}), [], [])
    assert (flow.steps, flow.figures, flow.holdout, flow.paused) == ((), None, 0, False)
    (other,) = flows_of(in_force({"name": "x", "kind": "k", "steps": [{"channel": "sms"}]}), [], [])
    assert (other.steps[0].channels, other.steps[0].name, other.steps[0].after) == (("sms",), "", None)
    assert other.steps[0].template == ""


@pytest.mark.parametrize(
    ("scope", "flow_paused", "steps_paused"),
    [
        (Scope(), True, [True, True]),
        (Scope("cart"), True, [True, True]),
        (Scope("cart", 2), False, [False, True]),
        (Scope("", 0, "sms"), False, [False, True]),
        (Scope("other"), False, [False, False]),
    ],
)
def test_what_is_held_back_is_seen_in_the_flow(scope: Scope, flow_paused: bool, steps_paused: list[bool]):
    (flow,) = flows_of(in_force(SAID), [], [scope])
    assert (flow.paused, [step.paused for step in flow.steps]) == (flow_paused, steps_paused)


def test_a_campaign_that_says_itself_that_it_is_paused_is():
    assert flows_of(in_force(SAID | {"paused": True}), [], [])[0].paused


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("PT90S", timedelta(seconds=90)),
        ("PT1.5H", timedelta(minutes=90)),
        ("P2D", timedelta(days=2)),
        ("P1DT2H3M", timedelta(days=1, hours=2, minutes=3)),
        ("P1M", None),
        ("PT1D", None),
        ("1h", None),
        ("PTH", None),
        ("", None),
        (None, None),
    ],
)
def test_durations_are_read_as_the_trigger_writes_them(text: str | None, told: timedelta | None):
    assert duration(text) == told


def test_what_is_planned_for_arms_is_their_share():
    split: dict[str, Any] = {"name": "b", "kind": "k", "split": {"holdout": 0, "arms": {"x": 40, "y": 60}}}
    nobody = {"name": "c", "kind": "k", "split": None}
    assert planned_of(in_force(SAID, split, nobody)) == {
        "cart": {"treatment": 0.9, "holdout": 0.1},
        "b": {"x": 0.4, "y": 0.6},
    }


def test_scopes_are_read_and_a_step_stands_with_its_campaign():
    assert Scope.read("cart", "2", "sms") == Scope("cart", 2, "sms")
    assert Scope.read("", "", "") == Scope()
    for campaign, step in (("", "1"), ("cart", "-1"), ("cart", "x")):
        with pytest.raises(ValueError):
            Scope.read(campaign, step, "")
    assert Scope("cart", 2, "sms").covers("cart", 2, "sms")
    assert not Scope("cart", 2, "sms").covers("cart", 2, "email")
    assert not Scope("cart", 2).covers("cart", 1)
    assert not Scope("cart", 1).covers("cart"), "a step is not the whole campaign"


def week(more: Difference | None, reminded: Arm | None) -> Week:
    return Week(date(2026, 11, 25), date(2026, 12, 1), 1, 1, Revenue(), reminded, None, more)


def test_a_gain_is_what_each_spent_more_times_all_who_were_reminded():
    reminded = Arm("reminded", 200, 20, 0.1, None, 50.0, None)
    more = Difference("reminded", "holdout", 0.1, Interval(0.0, 0.2), 10.4, Interval(2.0, 20.0))
    found = gain_of(week(more, reminded))
    assert found is not None
    assert (found.amount, found.low, found.high, found.is_sure) == (2080, 400, 4000, True)
    unsure = gain_of(week(replace(more, spent_within=Interval(-1.0, 20.0)), reminded))
    worse = gain_of(week(replace(more, spent_within=Interval(-20.0, -1.0)), reminded))
    none = gain_of(week(replace(more, spent_within=Interval(0.0, 0.0)), reminded))
    assert unsure is not None
    assert worse is not None
    assert none is not None
    assert (unsure.is_sure, worse.is_sure, none.is_sure) == (False, True, False)
    assert [Gain(0, *within).is_sure for within in ((1, 9), (0, 9), (-9, 0), (-9, -1))] == [True, False, False, True]
    assert gain_of(week(None, reminded)) is None
    assert gain_of(week(more, None)) is None


def test_signs_of_health_say_what_is_stuck_and_nothing_that_a_restart_forgets():
    text = "\n".join(
        (
            "# TYPE evercart_outbox_behind_seconds gauge",
            'evercart_outbox_behind_seconds{database="cart"} 60',
            "# TYPE evercart_trigger_read_lag_seconds gauge",
            'evercart_trigger_read_lag_seconds{topic="a"} 61',
            'evercart_trigger_read_lag_seconds{topic="b"} 600',
            'evercart_trigger_read_lag_seconds{topic="c"} 600.5',
            "# TYPE evercart_dead_letters_total counter",
            'evercart_dead_letters_total{topic="x"} 0',
            'evercart_dead_letters_total{topic="y"} 1',
            "# TYPE evercart_notifier_refused_us_total counter",
            'evercart_notifier_refused_us_total{channel="sms"} 0',
            'evercart_notifier_refused_us_total{channel="email"} 2',
            "# TYPE other gauge",
            "other 1",
            "",
        )
    )
    assert [(sign.what, sign.of, sign.state) for sign in signs_of(text)] == [
        ("outbox", "cart", "good"),
        ("reading", "a", "warn"),
        ("reading", "b", "warn"),
        ("reading", "c", "bad"),
        ("refused", "email", "warn"),
    ]
    assert signs_of("") == []


def test_a_text_to_edit_says_what_is_in_force_and_nothing_that_says_nothing():
    said = {"kind": "abandoned_cart", "paused": False, "name": "cart", "continue_": {"in": ["vip"]}, "split": None}
    told = in_force(said | {"steps": [{"delay": "PT1H", "variants": [], "coupon": None}]})
    told["segments"] = {"vip": {"orders": 3, "spent": None}}
    document = document_of(told)
    assert document == {
        "campaigns": [
            {"name": "cart", "kind": "abandoned_cart", "continue": {"in": ["vip"]}, "steps": [{"delay": "PT1H"}]}
        ],
        "segments": {"vip": {"orders": 3}},
    }
    assert yaml.safe_load(text_of(document)) == document
    assert text_of(document).startswith("campaigns:\n- name: cart\n  kind:")
    assert "segments" not in document_of(in_force(said))
    assert "ż" in text_of({"name": "ż"})


def test_a_line_of_a_text_to_edit_is_broken_behind_the_word_that_passes_110_signs():
    def lines(word: int) -> int:
        return len(text_of({"a": "x" * word + " y"}).splitlines())

    assert (lines(107), lines(108)) == (1, 2)


DECISION: dict[str, Any] = {
    "decided_at": AT, "outcome": "would_send", "campaign": "cart", "channel": "email", "why": "it went quiet",
    "step": 1, "step_name": "nudge", "campaign_version": "4", "arm": None, "cart_id": "c", "order_id": None,
    "sku": None, "due_at": AT, "reason": "idle",
}  # fmt: skip
MESSAGE: dict[str, Any] = {
    "reminder_id": "r", "template": "t", "step": 1, "reason": None, "provider_id": "p", "cart_id": None,
    "order_id": None, "sku": None, "failures": 0, "state": "sent", "campaign": "cart", "channel": "email",
    "finished_at": "2026-12-01T10:01:00+00:00", "received_at": AT, "answers": [],
}  # fmt: skip


def test_a_line_of_time_is_in_order_and_opens_to_what_it_rests_on():
    heard = {"answer": "bounced", "provider": "ses", "weight": "hard", "status": "5.1.1", "reason": "gone", "times": 1}
    message = MESSAGE | {"answers": [heard | {"first_at": "2026-12-01T10:02:00+00:00", "last_at": AT}]}
    cart = {"id": "c", "status": "active", "updated_at": "2026-12-01T09:00:00+00:00", "units": 2}
    entries = [
        Entry(NOW + timedelta(hours=1), "placed", order_id="o", amount=Money("EUR", 5), credited_to=UUID(int=1)),
        Entry(NOW, "sent"),
    ]
    lines = lines_of(Told({"decisions": [DECISION]}, [message], [cart, {"id": "n"}], entries=entries))
    assert [line.what for line in lines] == ["order_placed", "bounced", "sent", "decided", "cart_active"]
    placed, bounced, sent, decided, of_cart = lines
    assert placed.rests_on == {"order_id": "o", "credited_to": UUID(int=1), "amount": Money("EUR", 5)}
    assert (placed.good, bounced.good, sent.good, decided.good) == (True, False, True, None)
    assert (bounced.why, bounced.rests_on["status"]) == ("gone", "5.1.1")
    assert sent.rests_on == {"reminder_id": "r", "template": "t", "step": 1, "provider_id": "p"}
    assert (decided.name, decided.why, decided.channel) == ("cart · nudge", "it went quiet", "email")
    assert decided.rests_on["reason"] == "idle"
    assert of_cart.rests_on == {"id": "c", "status": "active", "units": 2}


def test_a_text_that_a_law_holds_back_opens_to_the_law_and_what_tells_that_it_holds():
    ri = {"country": "US", "states": ["RI"], "source": "R.I. Gen. Laws", "told_by": "address"}
    held = MESSAGE | {"state": "pending", "reason": "legal_hours", "finished_at": None}
    shown = lines_of(Told({"decisions": []}, [held | {"laws": [ri, ri | {"states": []}]}]))
    assert shown[0].rests_on["laws"] == "US RI (address): R.I. Gen. Laws; US (address): R.I. Gen. Laws"
    for silent in (held, held | {"laws": None}):
        assert "laws" not in lines_of(Told({"decisions": []}, [silent]))[0].rests_on


@pytest.mark.parametrize(
    ("state", "what", "good"),
    [
        ("pending", "waiting", None),
        ("sending", "waiting", None),
        ("cancelled", "cancelled", None),
        ("failed", "failed", False),
        ("unknown", "unknown", False),
    ],
)
def test_what_became_of_a_message_is_a_word(state: str, what: str, good: bool | None):
    message = MESSAGE | {"state": state, "finished_at": None, "reason": "capped"}
    (line,) = lines_of(Told({"decisions": []}, [message]))
    assert (line.what, line.good, line.at, line.why) == (what, good, NOW, "capped")


def test_a_decision_not_to_write_is_one_as_well():
    (line,) = lines_of(Told({"decisions": [DECISION | {"outcome": "skipped", "step_name": None}]}))
    assert (line.what, line.name) == ("skipped", "cart")


def test_an_order_that_was_returned_is_neither_good_nor_bad():
    (line,) = lines_of(Told({"decisions": []}, entries=[Entry(NOW, "returned", order_id="o")]))
    assert (line.what, line.good, line.rests_on) == ("order_returned", None, {"order_id": "o"})


def test_a_merge_is_undone_from_its_line_while_it_can_be_and_its_end_is_a_line_of_its_own():
    open_one: dict[str, Any] = {
        "merge_id": "m",
        "mode": "max",
        "from_cart_id": None,
        "merged_at": AT,
        "undo_until": "2026-12-02T10:00:00+00:00",
        "undone_at": None,
        "can_be_undone": True,
        "lines": [{}, {}],
    }
    over = open_one | {"merge_id": "o", "undone_at": "2026-12-01T11:00:00+00:00", "can_be_undone": False}
    (line,) = lines_of(Told({"decisions": []}, merges=[open_one]))
    assert (line.at, line.what, line.undo) == (NOW, "merged", "m")
    assert line.rests_on == {"merge_id": "m", "mode": "max", "undo_until": open_one["undo_until"], "lines": 2}
    end, begun = lines_of(Told({"decisions": []}, merges=[over]))
    assert (end.at, end.what, end.undo) == (NOW + timedelta(hours=1), "merge_undone", "")
    assert end.rests_on == {"merge_id": "o"}
    assert (begun.what, begun.undo) == ("merged", "")


def test_a_consent_stands_in_the_line_of_time_with_the_words_that_prove_it():
    """Story: support saw that somebody had agreed, and not to what, where or when."""
    by_words = {
        "channel": "email",
        "counts": True,
        "agreed_at": "2026-12-01T09:00:00+00:00",
        "wording": "Remind me.",
        "page": "https://shop.example",
        "asked": True,
        "confirmed_at": "2026-12-01T09:05:00+00:00",
        "confirmed_wording": "Do you want reminders?",
    }
    nothing = dict.fromkeys(("wording", "page", "confirmed_at", "confirmed_wording"))
    by_store = {"channel": "sms", "counts": True, "agreed_at": AT, "asked": False} | nothing
    undated = by_store | {"agreed_at": None}
    gone = by_words | {"counts": False, "confirmed_at": None, "agreed_at": "2026-12-01T08:00:00+00:00"}
    lines = lines_of(Told({"decisions": []}, consents=[by_words, by_store, undated, gone]))
    assert [(line.what, line.channel, line.why, line.good) for line in lines] == [
        ("agreed", "sms", "told_by_store", True),
        ("confirmed", "email", "Do you want reminders?", True),
        ("agreed", "email", "Remind me.", True),
        ("agreed", "email", "Remind me.", None),
    ]
    assert lines[2].rests_on == {"page": "https://shop.example", "counts": True, "asked": True}


def test_what_somebody_chose_on_their_page_stands_with_what_the_page_said():
    change = {"reminder_id": "r", "changed_at": AT, "wording": "Your messages. E-mail: nothing"}
    (line,) = lines_of(Told({"decisions": []}, choices=[change]))
    assert (line.at, line.what, line.why) == (NOW, "chose", "Your messages. E-mail: nothing")
    assert line.rests_on == {"reminder_id": "r"}


def test_what_is_ahead_says_whether_it_goes():
    step = {"due_at": AT, "campaign": "cart", "step_name": "b", "channel": "sms", "state": "planned", "why": "w"}
    later = step | {"due_at": "2026-12-02T10:00:00+00:00", "state": "left_out"}
    found = ahead_of({"carts": [{"ahead": [later, step]}]})
    assert [(one.at.day, one.goes, one.step, one.why) for one in found] == [(1, True, "b", "w"), (2, False, "b", "w")]


def test_what_is_ahead_of_orders_stands_beside_what_is_ahead_of_carts():
    step = {"due_at": AT, "campaign": "cart", "step_name": "b", "channel": "sms", "state": "planned", "why": "w"}
    thanks = step | {"due_at": "2026-12-02T10:00:00+00:00", "campaign": "thanks"}
    found = ahead_of({"carts": [{"cart_id": "c", "ahead": [step]}], "occasions": [{"ahead": [thanks]}, {"ahead": []}]})
    assert [(one.campaign, one.cart_id) for one in found] == [("cart", "c"), ("thanks", "")]
