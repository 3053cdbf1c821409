"""Who is asked, how often, and what the question says."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.events import Handle, ProfileSet
from libs.policy.held_back import Cancel, Expire
from services.notifier.domain.confirmation import (
    KIND,
    LATENESS,
    LINK_DAYS,
    MOST,
    PER,
    WINDOW,
    address_of,
    may_ask,
    questions,
)
from services.notifier.domain.kinds.confirmation import CONFIRMATION
from services.notifier.domain.kinds.registry import KINDS, uncapped
from services.notifier.domain.policy import Go, Rules, check
from services.notifier.domain.relevance import why_not
from tests.unit.notifier.making import NOON, contact, recipient, reminder, snapshot

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
ASKS = Rules(timedelta(hours=16), (time(21), time(9)), ZoneInfo("UTC"), asks=True)
UNWILLING = contact(email_consent=False, sms_consent=False)


def left(version: int = 1, **known: Any) -> ProfileSet:
    values: dict[str, Any] = {
        "email": "anna@mail.test",
        "phone": "+48601234567",
        "unconfirmed": ("email", "sms"),
    }
    return ProfileSet(
        event_id=UUID(int=version),
        occurred_at=AT,
        store_id="shop",
        customer_id="guest:0f",
        profile_version=version,
        **(values | known),
    )


def asking(**known: Any) -> Any:
    return reminder(**({"kind": KIND, "template": KIND, "cart_id": None, "cart_version": None} | known))


def test_each_address_that_has_to_say_yes_is_asked_by_its_channel():
    email, sms = questions(left())
    assert (email.channel, sms.channel) == ("email", "sms")
    for one in (email, sms):
        assert (one.store_id, one.customer_id) == ("shop", "guest:0f")
        assert one.kind == one.campaign == one.template == KIND == "confirmation"
        assert (one.cart_id, one.order_id, one.sku, one.step) == (None, None, None, 1)
        assert (one.occurred_at, one.due_at, one.expires_at) == (AT, AT, AT + LATENESS)
    assert email.reminder_id != sms.reminder_id
    assert email.event_id != sms.event_id


def test_the_same_profile_asks_the_same_and_another_something_new():
    assert questions(left()) == questions(left())
    assert questions(left())[0].event_id == questions(left())[0].event_id
    others = (left(2), left().model_copy(update={"customer_id": "a"}), left().model_copy(update={"store_id": "a"}))
    ids = {questions(one)[0].reminder_id for one in (left(), *others)}
    assert len(ids) == 4


@pytest.mark.parametrize(
    ("known", "channels"),
    [
        ({"unconfirmed": None}, []),
        ({"unconfirmed": ()}, []),
        ({"unconfirmed": ("sms",)}, ["sms"]),
        ({"phone": None}, ["email"]),
        ({"email": None}, ["sms"]),
    ],
)
def test_nobody_else_is_asked(known: dict[str, Any], channels: list[str]):
    assert [one.channel for one in questions(left(**known))] == channels


def test_an_e_mail_goes_to_the_address_and_all_else_to_the_number():
    assert address_of(left(), "email") == "anna@mail.test"
    assert address_of(left(), "sms") == "+48601234567"


def test_a_messenger_is_asked_at_its_handle_and_not_where_none_is_known():
    known = left(handles={"telegram": Handle(handle="chat-1")}, unconfirmed=("telegram", "whatsapp"))
    assert (address_of(known, "telegram"), address_of(known, "whatsapp")) == ("chat-1", None)
    assert [one.channel for one in questions(known)] == ["telegram"]
    assert address_of(left(), "telegram") is None


def test_the_figures_are_those_that_the_decision_tells():
    assert (timedelta(hours=24), 2, timedelta(days=30)) == (WINDOW, MOST, PER)
    assert (timedelta(hours=1), timedelta(days=3)) == (LATENESS, LINK_DAYS)


@pytest.mark.parametrize(
    ("last", "times", "may"),
    [
        (None, 0, True),
        (AT, 1, False),
        (AT - WINDOW + timedelta(seconds=1), 1, False),
        (AT - WINDOW, 1, True),
        (AT - WINDOW, MOST, False),
        (AT - timedelta(days=20), MOST, False),
    ],
)
def test_an_address_is_asked_once_in_a_window_and_once_again(last: datetime | None, times: int, may: bool):
    assert may_ask(last, times, AT) is may


@given(st.lists(st.integers(0, 30 * 24 * 60 - 1), max_size=60))
def test_whoever_asks_how_often_an_address_has_two_messages_a_month_at_most(minutes: list[int]):
    sent: list[datetime] = []
    for minute in sorted(minutes):
        now = AT + timedelta(minutes=minute)
        if may_ask(max(sent, default=None), len(sent), now):
            assert not sent or now - sent[-1] >= WINDOW
            sent.append(now)
    assert len(sent) <= MOST


def test_a_question_needs_no_consent_and_waits_for_no_cap_and_no_morning():
    night = NOON.replace(hour=23)
    late = asking(expires_at=night + timedelta(hours=1))
    known = recipient(contact=UNWILLING, last_sent_at=night - timedelta(minutes=1))
    assert check(late, known, ASKS, night) == Go(UNWILLING)


@pytest.mark.parametrize("reason", ["unsubscribed", "bounced", "complained", "stop"])
def test_whoever_wants_no_messages_is_not_asked_either(reason: str):
    assert check(asking(), recipient(contact=UNWILLING, suppressed=reason), ASKS, NOON) == Cancel("suppressed")


def test_who_was_asked_lately_is_not_asked_again():
    known = recipient(contact=UNWILLING, asked_at=NOON - timedelta(hours=1), asked=1)
    assert check(asking(), known, ASKS, NOON) == Cancel("asked_lately")
    known = recipient(contact=UNWILLING, asked_at=NOON - WINDOW, asked=1)
    assert check(asking(), known, ASKS, NOON) == Go(UNWILLING)
    known = recipient(contact=UNWILLING, asked_at=NOON - WINDOW, asked=2)
    assert check(asking(), known, ASKS, NOON) == Cancel("asked_lately")


def test_a_reminder_does_not_care_how_often_was_asked():
    known = recipient(asked_at=NOON, asked=2)
    assert check(reminder(), known, Rules(timedelta(), None, ZoneInfo("UTC")), NOON) == Go(contact())


def test_a_question_that_comes_too_late_is_none():
    assert check(asking(expires_at=NOON), recipient(contact=UNWILLING), ASKS, NOON) == Expire("too_late")


def test_it_is_asked_as_long_as_the_cart_service_waits_for_the_answer():
    waits = snapshot().model_copy(update={"recipient": told(("email",))})
    assert why_not(asking(), waits) is None
    assert why_not(asking(channel="sms"), waits) == "nothing_to_confirm"
    assert why_not(asking(), snapshot().model_copy(update={"recipient": told(())})) == "nothing_to_confirm"
    assert why_not(asking(), snapshot(recipient=None)) == "nothing_to_confirm"
    assert (
        why_not(asking(), snapshot(customer_id="bob").model_copy(update={"recipient": told(("email",))}))
        == "no_contact"
    )


def told(unconfirmed: tuple[str, ...]) -> Any:
    given_ = snapshot().recipient
    assert given_ is not None
    return given_.model_copy(update={"consent": {"email": False, "sms": False}, "unconfirmed": unconfirmed})


def test_it_names_no_goods_and_uses_up_no_cap():
    assert KINDS[KIND] is CONFIRMATION
    assert CONFIRMATION.lines(asking(), snapshot()) == ()
    assert CONFIRMATION.counted(asking(), snapshot()) == 0
    assert (CONFIRMATION.about, CONFIRMATION.purpose) == ("customer", "confirmation")
    assert KIND in uncapped()
    assert "abandoned_cart" not in uncapped()
    assert "order_confirmed" in uncapped()
