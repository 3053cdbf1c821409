"""A chat that a guest leaves: it is asked as a number is, and its yes is for it alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.cart.domain.customers.guest_contact import (
    Agreement,
    GuestContact,
    Left,
    confirmed,
    unconfirmed,
    without_unanswered,
)
from services.cart.domain.customers.opt_in import OptIns
from services.cart.domain.customers.profile import Contact, Handle

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
NUMBER, CHAT, MAIL = "+48221234567", "4711000815", "anna@mail.test"
WORDS = {"whatsapp": "By WhatsApp.", "telegram": "By Telegram.", "email": "By e-mail.", "sms": "By text."}
OPT_INS = OptIns.read()


def left(channels: str = "whatsapp telegram", **more: Any) -> Left:
    said = [{"channel": channel, "wording": WORDS[channel]} for channel in channels.split()]
    handles = {"whatsapp": "+48 22 1234567", "telegram": CHAT}
    given = GuestContact.model_validate({"handles": handles, "consents": said} | more)
    return Left(given, "https://shop.test", "single_opt_in", "pl", "Europe/Warsaw", OPT_INS)


def asked(channel: str, version: int = 3, at: datetime | None = None) -> Agreement:
    return Agreement(channel, WORDS[channel], "https://shop.test", NOW, version, at)


def handle(text: str = CHAT, at: datetime | None = None) -> Handle:
    return Handle(handle=text, consent=at is not None, consent_at=at)


def test_a_chat_is_asked_whatever_the_store_says_and_counts_for_nothing_until_then():
    told = left().agreements({}, None, 7, NOW)
    assert told == [asked("whatsapp", 7), asked("telegram", 7)]
    assert unconfirmed(told) == ("telegram", "whatsapp")
    contact = left().contact(told)
    assert contact.handles == {"whatsapp": handle(NUMBER), "telegram": handle()}
    assert (contact.email, contact.phone, contact.email_consent, contact.sms_consent) == (None, None, False, False)


def test_a_handle_alone_is_enough_and_needs_no_consent():
    given = left("").given
    assert given.addresses() == {"whatsapp": NUMBER, "telegram": CHAT}
    assert left("").agreements({}, None, 7, NOW) == []
    assert left("").contact([]).handles == {"whatsapp": handle(NUMBER), "telegram": handle()}
    assert left("", email=MAIL, phone=NUMBER).given.addresses() == {
        "email": MAIL,
        "sms": NUMBER,
        "whatsapp": NUMBER,
        "telegram": CHAT,
    }


def test_three_handles_are_the_most():
    three = dict.fromkeys(("a", "b", "c"), CHAT)
    assert left("", handles=three).given.handles == three


def test_a_chat_that_has_said_yes_is_not_asked_again_and_another_is():
    held = {name: asked(name, at=LATER) for name in ("whatsapp", "telegram")}
    before = Contact(handles={"whatsapp": handle(NUMBER, LATER), "telegram": handle("4712", LATER)})
    told = left().agreements(held, before, 7, LATER + timedelta(hours=1))
    assert told[0] == held["whatsapp"]
    assert (told[1].asked_version, told[1].confirmed_at) == (7, None)
    assert left().contact(told).handles == {"whatsapp": handle(NUMBER, LATER), "telegram": handle()}


def test_a_chat_that_was_not_known_before_is_asked_since_now():
    held = {"telegram": asked("telegram", at=LATER)}
    (told,) = left("telegram").agreements(held, Contact(email=MAIL), 7, LATER)
    assert told.asked_version == 7
    (told,) = left("telegram").agreements(held, Contact(email=MAIL, handles={}), 7, LATER)
    assert told.asked_version == 7


def test_the_same_number_by_text_and_by_chat_is_asked_for_each():
    held = {"whatsapp": asked("whatsapp", at=LATER)}
    before = Contact(phone=NUMBER, handles={"whatsapp": handle(NUMBER, LATER)})
    told = left("whatsapp sms", phone=NUMBER).agreements(held, before, 7, LATER)
    assert [one.counts for one in told] == [True, False]


def test_a_yes_is_the_consent_of_that_chat_and_of_its_moment():
    both = Contact(email=MAIL, handles={"whatsapp": handle(NUMBER), "telegram": handle()})
    after = confirmed(both, "telegram", LATER)
    assert after.handles == {"whatsapp": handle(NUMBER), "telegram": handle(at=LATER)}
    assert (after.email, after.email_consent, after.sms_consent) == (MAIL, False, False)
    assert confirmed(both, "signal", LATER) == both
    assert confirmed(Contact(email=MAIL), "telegram", LATER).handles == {}
    assert confirmed(both, "email", LATER).handles == both.handles


@pytest.mark.parametrize("silent", ["whatsapp", "telegram"])
def test_of_two_chats_the_silent_one_is_forgotten(silent: str):
    known = {"whatsapp": handle(NUMBER), "telegram": handle()}
    contact = Contact(email=MAIL, phone=NUMBER, handles=known)
    said = [asked(name, at=None if name == silent else LATER) for name in known]
    kept = without_unanswered(contact, said)
    assert kept is not None
    assert kept.handles == {name: one for name, one in known.items() if name != silent}
    assert (kept.email, kept.phone) == (MAIL, NUMBER)


def test_a_handle_stays_out_of_logs():
    assert CHAT not in repr(left())
    assert NUMBER not in repr(left())
