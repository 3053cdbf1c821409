"""Who may be reached by which channel, and what no log line may show of them."""

from dataclasses import replace
from uuid import UUID

import pytest

from libs.contracts.events import Handle
from services.notifier.domain.envelope import Envelope
from services.notifier.domain.reminder import COPIES_MOST, RecipientState
from tests.unit.notifier.making import contact, reminder


def test_consent_to_one_channel_is_none_to_another() -> None:
    only_mail = contact(email_consent=True, sms_consent=False)
    assert only_mail.consents("email")
    assert not only_mail.consents("sms")
    assert not contact().consents("push")


def test_each_channel_has_its_address() -> None:
    assert contact().address("email") == "anna@mail.example"
    assert contact().address("sms") == "+4915112345678"


def test_a_messenger_has_a_handle_and_a_consent_of_its_own() -> None:
    chats = {"telegram": Handle(handle="chat-1", consent=True), "push": Handle(handle="token-2")}
    who = contact(email_consent=False, sms_consent=False, handles=chats)
    assert [who.address(channel) for channel in ("telegram", "push", "whatsapp")] == ["chat-1", "token-2", None]
    assert [who.consents(channel) for channel in ("telegram", "push", "whatsapp")] == [True, False, False]
    assert "telegram" not in repr(who), "nor by which messengers they are reached"


@pytest.mark.parametrize(
    ("exit_on", "ends"),
    [(None, True), ((), False), (("cart.emptied",), False), (("cart.emptied", "order.placed"), True)],
)
def test_an_order_ends_it_unless_its_campaign_names_other_ends_alone(
    exit_on: tuple[str, ...] | None, ends: bool
) -> None:
    assert reminder(exit_on=exit_on).ended_by_order is ends


def test_a_contact_is_shown_without_what_reaches_the_person() -> None:
    shown = repr(contact(email="anna@mail.example", phone="+4915112345678", name="Anna"))
    for private in ("anna@mail.example", "+4915112345678", "Anna"):
        assert private not in shown


def test_an_envelope_is_shown_without_the_recipient_and_the_message() -> None:
    shown = repr(Envelope(UUID(int=1), "shop@nordwind.example", "anna@mail.example", b"Dear Anna"))
    assert "shop@nordwind.example" in shown
    assert "anna@mail.example" not in shown
    assert "Dear Anna" not in shown


def test_a_message_that_is_being_sent_by_nobody_was_interrupted() -> None:
    assert reminder(state="sending").interrupted
    assert not reminder(state="pending").interrupted


def test_after_its_own_channel_come_those_that_are_preferred_less() -> None:
    three = reminder(channel="sms", channels=("email", "sms", "push"))
    assert three.further_channels == ("push",)
    assert replace(three, channel="email").further_channels == ("sms", "push")
    assert replace(three, channel="push").further_channels == ()
    assert replace(three, channel="post").further_channels == ()
    assert reminder().further_channels == ()


def test_what_is_repeated_is_sent_twice_at_the_most() -> None:
    assert COPIES_MOST == 2


def test_what_may_have_gone_out_by_one_channel_goes_by_no_other() -> None:
    assert reminder(state="sending", channel="email", channels=("email", "sms")).further_channels == ()


def test_of_a_recipient_of_whom_nothing_else_is_known_nothing_was_asked_sent_or_paused() -> None:
    known = RecipientState(contact())
    assert (known.asked, known.episode_sent, known.newer_cart, known.paused) == (0, False, False, False)
