from datetime import UTC, datetime, timedelta

import pytest

from deploy.traffic.why import amount, asked_for, cart_in_words, planned, swallowed

CART = "018f0000-0000-7000-8000-000000000001"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def cart(**fields):
    whole = {"id": CART, "store_id": "demo", "customer_id": "7", "version": 3, "status": "active"}
    goods = {"units": 2, "total": 500, "currency": "EUR"}
    return whole | goods | {"created_at": NOW.isoformat(), "updated_at": NOW.isoformat()} | fields


def message(state: str, reason: str | None = None, **fields):
    whole = {"campaign": "abandoned_cart", "step": 1, "channel": "email", "sku": None, "state": state, "reason": reason}
    times = {"due_at": NOW.isoformat(), "finished_at": NOW.isoformat(), "next_at": None}
    return whole | times | fields


@pytest.mark.parametrize(
    ("state", "reason", "word"),
    [
        ("cancelled", "ordered", "ordered"),
        ("cancelled", "no_consent", "consent"),
        ("expired", "too_late", "passed"),
        ("unknown", None, "died"),
        ("sent", None, "nothing had changed"),
        ("cancelled", "a_reason_of_tomorrow", "a_reason_of_tomorrow"),
    ],
)
def test_every_end_has_its_reason_in_words(state, reason, word):
    (line,) = asked_for([message(state, reason)])
    assert word in line.why
    assert line.became.startswith(state)


def test_what_waits_says_for_what_and_until_when():
    waiting = message("pending", "quiet_hours", finished_at=None, next_at=(NOW + timedelta(hours=1)).isoformat())
    (line,) = asked_for([waiting])
    assert (line.became, line.why) == ("pending", "waits: it would have disturbed at night (next try 13:00:00)")


def test_what_laws_hold_back_names_where_they_hold_and_what_tells_that():
    laws = [{"country": "US", "states": [], "source": "47 CFR", "told_by": "address"}]
    laws += [laws[0] | {"states": ["RI"]}, laws[0] | {"country": "FR", "told_by": "number"}]
    words = "no text may be sent at that hour where they are (US by address, FR by number)"
    held = message("pending", "legal_hours", finished_at=None, next_at=NOW.isoformat(), laws=laws)
    assert asked_for([held])[0].why == f"waits: {words} (next try 12:00:00)"
    assert asked_for([message("expired", "legal_hours", laws=laws)])[0].why == words


def test_reminders_stand_in_order_of_due_time():
    later = message("sent", due_at=(NOW + timedelta(days=1)).isoformat(), step=2)
    assert [line.what for line in asked_for([later, message("sent")])] == [
        "abandoned_cart, step 1 by email",
        "abandoned_cart, step 2 by email",
    ]


def test_what_the_trigger_plans_is_shown_with_its_sentence():
    step = {"campaign": "cart", "step": 2, "channel": "sms", "due_at": NOW.isoformat()}
    shown = planned([step | {"state": "planned", "why": "later"}, step | {"state": "left_out", "why": "no"}])
    assert [(one.what, one.became, one.why) for one in shown] == [
        ("cart, step 2 by sms", "planned", "later"),
        ("cart, step 2 by sms", "left out", "no"),
    ]


def test_swallowed_steps_are_told_with_their_reason():
    """Story: the second reminder never came, and nothing that could be asked said why."""
    sent = {"outcome": "would_send", "reason": "idle"}
    decision = {"campaign": "abandoned_cart", "channel": "email", "sku": None, "due_at": NOW.isoformat()}
    decided = [
        decision | {"reminder_id": "a", "step": 1} | sent,
        decision
        | {"reminder_id": "b", "step": 2, "outcome": "skipped", "reason": "expired", "why": "its time had passed"},
        decision | {"reminder_id": "c", "step": 3} | sent,
    ]
    (expired, unheard) = swallowed(decided, [message("sent", reminder_id="a")])
    assert (expired.became, expired.why) == ("skipped", "its time had passed")
    assert (unheard.became, unheard.why) == ("asked for", "the notifier has not heard of it yet")


def test_a_cart_whose_customer_ordered_since_says_so():
    assert "ordered since" in cart_in_words(cart(silent_since=NOW.isoformat()))


@pytest.mark.parametrize("fields", [{"status": "ordered"}, {"units": 0}, {"customer_id": None}])
def test_a_cart_of_which_nobody_will_be_reminded_says_why(fields):
    assert cart_in_words(cart(**fields)) != cart_in_words(cart())


@pytest.mark.parametrize(
    ("currency", "words"),
    [("EUR", "1,234.50 EUR"), ("JPY", "123,450 JPY"), ("KWD", "123.450 KWD"), ("RSD", "1,234.50 RSD")],
)
def test_an_amount_has_the_decimals_of_its_currency(currency, words):
    assert amount(cart(total=123450, currency=currency)) == words


def test_what_is_about_an_order_names_it():
    (line,) = asked_for([message("sent", order_id="10042")])
    assert " of order 10042, step " in line.what
    (line,) = asked_for([message("sent", order_id=None)])
    assert "order" not in line.what
